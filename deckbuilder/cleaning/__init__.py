"""The clean rules, a module a theme; `deckbuilder.clean` lists them in order.

A rule takes a section and returns it changed, with how many times it did something; where that
is 0, what it returns is as good as what it took.
"""
