"""Our rules for Markdown, one a module; `rules` lists them in order, CommonMark's among them.

Most read what CommonMark lacks. `quick` asks fewer rules, and `plain_list` and `links` read at
once what is most of all text: they find what markdown-it finds, in less time. `shared` is what
several of them need.
"""
