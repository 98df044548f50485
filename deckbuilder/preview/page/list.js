"use strict";

/* The list on the left. Only the rows that can be seen exist: with thousands of cards, making
   all of them would take seconds. Every row has the same height, so a row's place follows from
   its number. */

const ROW_HEIGHT = 76; // as .row in page.css
const ROWS_BEYOND = 6; // above and below what is seen, so that slow scrolling shows no gaps

class CardList {
  /** @param box the scrolling element; @param makeRow fills a row; @param onPick hears of clicks */
  constructor(box, makeRow, onPick) {
    this.box = box;
    this.makeRow = makeRow;
    this.items = [];
    this.current = -1;
    this.rows = new Map();
    this.space = document.createElement("div");
    this.space.className = "space";
    this.space.setAttribute("role", "presentation");
    box.append(this.space);
    box.addEventListener("scroll", () => this.paint(), { passive: true });
    new ResizeObserver(() => this.paint()).observe(box);
    this.space.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (row) onPick(Number(row.dataset.at));
    });
  }

  /** Show *items*, with the one at *current* selected (-1: none). */
  show(items, current) {
    this.items = items;
    this.current = current;
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.space.style.height = `${items.length * ROW_HEIGHT}px`;
    this.reveal();
    this.paint();
  }

  /** Select the item at *place* and bring it into view. */
  select(place) {
    const before = this.rows.get(this.current);
    if (before) before.setAttribute("aria-selected", "false");
    this.current = place;
    const now = this.rows.get(place);
    if (now) now.setAttribute("aria-selected", "true");
    this.reveal();
    this.paint();
  }

  reveal() {
    if (this.current < 0) return;
    const top = this.current * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.box;
    if (top < scrollTop) this.box.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) {
      this.box.scrollTop = top + ROW_HEIGHT - clientHeight;
    }
  }

  /** Make the rows that can be seen, and drop the others. */
  paint() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / ROW_HEIGHT) - ROWS_BEYOND);
    const seen = Math.ceil(this.box.clientHeight / ROW_HEIGHT) + 2 * ROWS_BEYOND;
    const stop = Math.min(this.items.length, first + seen);
    for (const [at, row] of this.rows) {
      if ((at < first || at >= stop) && at !== this.current) {
        row.remove();
        this.rows.delete(at);
      }
    }
    for (let at = first; at < stop; at += 1) this.rowAt(at);
    // A reader of the screen asks for the selected row, seen or not.
    if (this.current >= 0) this.box.setAttribute("aria-activedescendant", this.rowAt(this.current).id);
    else this.box.removeAttribute("aria-activedescendant");
  }

  rowAt(at) {
    const known = this.rows.get(at);
    if (known) return known;
    const row = document.createElement("div");
    row.className = "row";
    row.id = `row-${at}`;
    row.dataset.at = at;
    row.style.top = `${at * ROW_HEIGHT}px`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(at === this.current));
    row.setAttribute("aria-setsize", this.items.length);
    row.setAttribute("aria-posinset", at + 1);
    this.makeRow(row, this.items[at]);
    this.space.append(row);
    this.rows.set(at, row);
    return row;
  }
}
