"use strict";

/* One card in a frame of its own, with the classes that Anki's clients give its page. The frame
   is sandboxed without scripts: whatever a card holds, nothing in it can run. This page, which
   may reach into the frame, fills it and typesets its formulas. */

const FILM = /\.(mp4|webm|mkv|mov|m4v|ogv|avi|mpe?g)$/i;
const FORMULA = /\\[([]/;
const LINK = /^(https?|mailto|tel|obsidian|zotero):/i;

class CardFrame {
  constructor(frame, deck) {
    this.frame = frame;
    this.deck = deck;
    this.shown = 0;
    this.maths = new Maths();
  }

  /** Load the empty page; the promise is kept when cards can be shown. */
  open(onKey) {
    return new Promise((ready) => {
      this.frame.addEventListener("load", () => {
        this.page = this.frame.contentDocument;
        this.page.addEventListener("keydown", onKey);
        this.page.addEventListener("click", (event) => followLink(event));
        ready();
      }, { once: true });
      this.frame.srcdoc = this.deck.frame;
    });
  }

  /** Show *html* as card number *ord*; kept when its formulas are typeset. */
  async show(html, ord) {
    this.shown += 1;
    const turn = this.shown;
    this.ord = ord;
    const box = this.page.getElementById("qa");
    box.innerHTML = `<style>${this.deck.css}</style>${withSounds(html)}`;
    this.frame.contentWindow.scrollTo(0, 0);
    this.dress();
    // Another card may be asked for while the first formula waits for MathJax.
    if (FORMULA.test(html)) await this.maths.typeset(this.page, box, () => turn === this.shown);
  }

  /** Give html and body the classes of a client: by day or night, on a desktop or a phone. */
  dress({ night = this.night, phone = this.phone } = {}) {
    this.night = night;
    this.phone = phone;
    const root = this.page.documentElement;
    root.className = [phone ? "mobile android" : "linux", "chrome", night ? "night-mode" : ""].join(" ").trim();
    root.style.colorScheme = night ? "dark" : "light";
    this.page.body.className = `card card${(this.ord || 0) + 1}${night ? " nightMode night_mode" : ""}`;
  }

  scroll(pages) {
    this.frame.contentWindow.scrollBy(0, pages * this.frame.clientHeight * 0.85);
  }

  clear() {
    this.shown += 1;
    this.page.getElementById("qa").textContent = "";
  }
}

/** Return *html* with players where Anki puts its buttons for sounds. */
function withSounds(html) {
  return html.replace(/\[sound:([^\]]+)\]/g, (_, escaped) => {
    // A document without a window: an element of this one would start to load where it is made.
    const inert = new DOMParser().parseFromString(escaped, "text/html");
    const text = inert.body.textContent;
    const player = inert.createElement(FILM.test(text) ? "video" : "audio");
    player.controls = true;
    player.preload = "metadata";
    player.setAttribute("src", encodeURIComponent(text));
    player.setAttribute("title", text);
    return player.outerHTML;
  });
}

/** Open a card's link beside this page, as Anki opens it in the browser; never in the frame. */
function followLink(event) {
  const link = event.target.closest && event.target.closest("a[href], a");
  if (!link) return;
  event.preventDefault();
  const address = link.getAttribute("href") || "";
  if (LINK.test(address)) window.open(address, "_blank", "noopener,noreferrer");
}

/* Formulas -------------------------------------------------------------------------------------- */

/** MathJax with the packages and delimiters of Anki's clients, loaded when first needed. */
class Maths {
  load() {
    this.loading ||= new Promise((ready, failed) => {
      window.MathJax = {
        tex: {
          inlineMath: [["\\(", "\\)"]],
          displayMath: [["\\[", "\\]"]],
          processEscapes: false,
          processEnvironments: false,
          processRefs: false,
          packages: ["base", "action", "ams", "autoload", "configmacros", "mathtools", "mhchem",
            "newcommand", "noundefined", "require"],
        },
        chtml: { fontURL: new URL("maths/fonts", document.baseURI).href },
        options: { enableMenu: false },
        startup: { typeset: false, pageReady: () => ready() },
      };
      const script = document.createElement("script");
      script.src = "maths/tex-chtml-full.js";
      script.onerror = () => failed(new Error("maths/tex-chtml-full.js is missing"));
      document.head.append(script);
    });
    return this.loading;
  }

  /** Typeset *box*, which stands in *page*, if *wanted()* still holds. */
  async typeset(page, box, wanted) {
    await this.load();
    this.queue = (this.queue || Promise.resolve()).then(async () => {
      if (!wanted()) return;
      MathJax.typesetClear();
      MathJax.texReset();
      await MathJax.typesetPromise([box]);
      this.copyStyle(page);
    }).catch((problem) => console.error(problem));
    await this.queue;
  }

  /** MathJax styles the page it was loaded by; the card's page needs the same rules. */
  copyStyle(page) {
    const made = document.getElementById("MJX-CHTML-styles");
    if (!made || !made.sheet) return;
    let copy = page.getElementById(made.id);
    if (!copy) {
      copy = page.createElement("style");
      copy.id = made.id;
      page.head.append(copy);
    }
    const rules = Array.from(made.sheet.cssRules, (rule) => rule.cssText);
    if (copy.dataset.rules === String(rules.length)) return;
    copy.dataset.rules = rules.length;
    copy.textContent = rules.join("\n");
  }
}
