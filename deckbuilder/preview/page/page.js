"use strict";

/* Starts the page, and holds what it is showing. window.DECK comes from cards.js; its cards are
   arrays: [index of the note, ord, label, front, back]. */

const NOTE = 0, ORD = 1, LABEL = 2, FRONT = 3, BACK = 4;
const FILTERS = ["file", "tag", "status", "problem"];
const STATUS_NAMES = {
  new: "New", renamed: "Renamed", moved: "Moved", changed: "Changed", rerendered: "Rendered anew",
  unchanged: "Unchanged",
};
const deck = window.DECK;
const byId = (id) => document.getElementById(id);

const state = {
  cards: [],      // indices into deck.cards that pass the filters
  at: -1,         // place of the card that is shown, in state.cards
  back: false,
  night: remembered("night", window.matchMedia("(prefers-color-scheme: dark)").matches),
  phone: remembered("phone", false),
};

/* Small things ------------------------------------------------------------------------------------ */

/** Return a new element; *parts* are strings, shown as text, or elements. */
function element(name, className, ...parts) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...parts.filter((part) => part !== ""));
  return made;
}

function plural(count, word) {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
}

// Storage may be forbidden for pages that lie in a folder; then nothing is remembered.
function remembered(name, otherwise) {
  try {
    const value = localStorage.getItem(`deckbuilder-${name}`);
    return value === null ? otherwise : value === "true";
  } catch { return otherwise; }
}

function remember(name, value) {
  try { localStorage.setItem(`deckbuilder-${name}`, String(value)); } catch { /* see above */ }
}

/** Return the parameters after # in the address: card, side, watch. */
const address = () => new URLSearchParams(location.hash.slice(1));
/** Return what a card is called there. */
const named = (card) => `${deck.notes[card[NOTE]].key}.${card[ORD]}`;

function writeAddress() {
  const now = address();
  now.set("card", named(deck.cards[state.cards[state.at]]));
  if (state.back) now.set("side", "answer");
  else now.delete("side");
  const text = now.toString().replace("watch=", "watch");
  try { history.replaceState(null, "", `#${text}`); } catch { /* not everywhere, for files */ }
}

/* What the list holds ----------------------------------------------------------------------------- */

const noteOf = (index) => deck.notes[deck.cards[index][NOTE]];
const filesOf = (note) => note.places.map(([file]) => file);
const statusOf = (note) => note.status[0] || "unchanged";
// In a first build everything is new: saying so on every row would say nothing.
const marksChanges = deck.notes.some((note) => statusOf(note) !== "new");

const folded = (text) => text.normalize("NFKC").toLowerCase();

/** Return what the search looks through, for one card; made once, when first asked for. */
function searchText(index) {
  searchText.known ||= new Array(deck.cards.length);
  if (searchText.known[index] === undefined) {
    const note = noteOf(index);
    const answer = deck.cards[index][BACK].replace(/<[^>]*>/g, "")
      .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&nbsp;/g, " ").replace(/&amp;/g, "&");
    const parts = [note.question, note.tags.join(" "), filesOf(note).join(" "), note.key, answer];
    searchText.known[index] = folded(parts.join("\n"));
  }
  return searchText.known[index];
}

function words() {
  return folded(byId("search").value).split(/\s+/).filter(Boolean);
}

const hasTag = (note, tag) => note.tags.some((one) => one === tag || one.startsWith(`${tag}::`));
const hasStatus = (note, status) =>
  (status === "*" ? statusOf(note) !== "unchanged" : note.status.includes(status) || statusOf(note) === status);
const hasProblem = (note, code) =>
  (code === "*" ? note.problems.length > 0 : note.problems.some((problem) => problem.code === code));

/** Return the indices of the cards that pass search and filters. */
function matching() {
  const [file, tag, status, problem] = FILTERS.map((id) => byId(id).value);
  const wanted = words();
  return deck.cards.map((_, index) => index).filter((index) => {
    const note = noteOf(index);
    return (!file || filesOf(note).includes(file))
      && (!tag || hasTag(note, tag))
      && (!status || hasStatus(note, status))
      && (!problem || hasProblem(note, problem))
      && (!wanted.length || wanted.every((word) => searchText(index).includes(word)));
  });
}

/** Filter anew; the card that is shown stays if it still matches. */
function filter() {
  const shown = state.cards[state.at];
  state.cards = matching();
  state.at = Math.max(state.cards.indexOf(shown), state.cards.length ? 0 : -1);
  list.show(state.cards, state.at);
  const found = state.cards.length, all = plural(deck.cards.length, "card");
  byId("found").textContent = found === deck.cards.length ? all : `${found.toLocaleString("en")} of ${all}`;
  for (const id of FILTERS) byId(id).classList.toggle("set", Boolean(byId(id).value));
  byId("clear").hidden = !["search", ...FILTERS].some((id) => byId(id).value);
  if (state.cards[state.at] !== shown || !state.cards.length) showCard();
  else showPosition();
}

function clearFilters() {
  for (const id of ["search", ...FILTERS]) byId(id).value = "";
  filter();
}

/* Filters ----------------------------------------------------------------------------------------- */

/** Fill a select with *options*: [value, text]. */
function fill(id, all, options) {
  const select = byId(id);
  select.append(new Option(all, ""));
  for (const [value, text] of options) select.append(new Option(text, value));
  select.disabled = !options.length;
  select.addEventListener("change", filter);
}

function counted(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
  return counts;
}

/** Return every tag and every tag above one, with the number of its notes, as a tree. */
function tagOptions() {
  const all = deck.notes.flatMap((note) => [...new Set(note.tags.flatMap((tag) => {
    const parts = tag.split("::");
    return parts.map((_, depth) => parts.slice(0, depth + 1).join("::"));
  }))]);
  // Ordered by parts, so that a tag's children follow it whatever their first letter is.
  const key = (tag) => tag.split("::").join("\u0000");
  const order = new Intl.Collator("zh", { numeric: true });
  return [...counted(all)].sort(([a], [b]) => order.compare(key(a), key(b))).map(([tag, count]) => {
    const parts = tag.split("::");
    return [tag, `${"\u2003".repeat(parts.length - 1)}${parts.at(-1)} (${count})`];
  });
}

function statusOptions() {
  const counts = counted(deck.notes.flatMap((note) => (note.status.length ? note.status : ["unchanged"])));
  const touched = deck.notes.filter((note) => statusOf(note) !== "unchanged").length;
  const options = Object.keys(STATUS_NAMES).filter((status) => counts.has(status))
    .map((status) => [status, `${STATUS_NAMES[status]} (${counts.get(status)})`]);
  return options.length > 1 ? [["*", `New or changed (${touched})`], ...options] : options;
}

function problemOptions() {
  const noted = deck.notes.filter((note) => note.problems.length);
  const counts = counted(noted.flatMap((note) => [...new Set(note.problems.map((one) => one.code))]));
  const codes = [...counts].sort().map(([code, count]) => [code, `${code} (${count})`]);
  return codes.length ? [["*", `With any (${noted.length})`], ...codes] : [];
}

function fillFilters() {
  const files = counted(deck.notes.flatMap((note) => [...new Set(filesOf(note))]));
  fill("file", "All files", [...files].map(([file, count]) => [file, `${file} (${count})`]));
  fill("tag", "All tags", tagOptions());
  fill("status", "All changes", statusOptions());
  fill("problem", "All problems", problemOptions());
}

/* Rows -------------------------------------------------------------------------------------------- */

/** Return *text* as nodes, with what was searched for marked. */
function marked(text) {
  const plain = folded(text);
  const word = words().find((one) => plain.length === text.length && plain.includes(one));
  if (!word) return [text];
  const at = plain.indexOf(word);
  return [text.slice(0, at), element("mark", "", text.slice(at, at + word.length)), text.slice(at + word.length)];
}

function makeRow(row, index) {
  const note = noteOf(index);
  const question = element("div", "row-question", ...marked(note.question));
  question.dir = "auto";
  row.append(question);
  const below = element("div", "row-below", element("span", "row-file", filesOf(note)[0] || ""));
  below.append(...badges(note, deck.cards[index][LABEL]));
  row.append(below);
}

/** Return what sets a card apart: its kind, what changed, how many problems it has. */
function badges(note, label) {
  const made = [];
  if (label) made.push(element("span", "badge", label));
  const status = statusOf(note);
  if (marksChanges && status !== "unchanged") {
    made.push(element("span", `badge ${status}`, STATUS_NAMES[status] || status));
  }
  if (note.problems.length) {
    const worst = ["error", "warning", "note"].find((one) => note.problems.some((p) => p.severity === one));
    const word = worst === "note" ? "remark" : "problem";
    made.push(element("span", `badge ${worst}`, plural(note.problems.length, word)));
  }
  return made;
}

/* The card ---------------------------------------------------------------------------------------- */

function showPosition() {
  const position = `${state.at + 1} / ${state.cards.length}`;
  byId("position").textContent = state.cards.length ? position : "";
  byId("previous").disabled = state.at <= 0;
  byId("next").disabled = state.at >= state.cards.length - 1;
}

/** Show the card at state.at, and what is known about it. */
async function showCard() {
  showPosition();
  const card = deck.cards[state.cards[state.at]];
  for (const id of ["card", "facts"]) byId(id).hidden = !card;
  byId("empty").hidden = Boolean(card);
  byId("empty").textContent = deck.cards.length ? "No card matches." : "This deck has no cards.";
  showProblems(card ? deck.notes[card[NOTE]].problems : []);
  if (!card) {
    frame.clear();
    return;
  }
  const note = deck.notes[card[NOTE]];
  byId("front").setAttribute("aria-pressed", String(!state.back));
  byId("answer").setAttribute("aria-pressed", String(state.back));
  showFacts(note, card[LABEL]);
  const side = state.back ? "answer" : "question";
  byId("card").title = `Card, ${side}: ${note.question}`;
  byId("said").textContent = `Card ${state.at + 1} of ${state.cards.length}, ${side}: ${note.question}`;
  writeAddress();
  await frame.show(card[state.back ? BACK : FRONT], card[ORD]);
}

function showFacts(note, label) {
  const parts = badges({ ...note, problems: [] }, label);
  for (const [file, line] of note.places) parts.push(element("span", "place", `${file}:${line}`));
  if (note.deck && note.deck !== deck.name) parts.push(element("span", "place", note.deck));
  for (const tag of note.tags) {
    const chip = element("button", "chip", tag);
    chip.type = "button";
    chip.title = "Show the cards with this tag";
    chip.addEventListener("click", () => {
      byId("tag").value = tag;
      filter();
    });
    parts.push(chip);
  }
  if (note.was) parts.push(element("span", "was", `was: ${note.was}`));
  byId("facts").replaceChildren(...parts);
}

function problemItem(problem) {
  const head = element("span", "severity", problem.severity);
  const where = element("span", "where", `${problem.where} · ${problem.code}`);
  return element("li", problem.severity, head, element("span", "message", problem.message), where);
}

function showProblems(problems) {
  const box = byId("problems");
  box.hidden = !problems.length;
  box.replaceChildren(...problems.map(problemItem));
}

/** Move to the card at *place* of the list, if there is one. */
function go(place) {
  if (!state.cards.length) return;
  const at = Math.min(Math.max(place, 0), state.cards.length - 1);
  if (at === state.at) return;
  state.at = at;
  list.select(at);
  showCard();
}

const next = () => go(state.at + 1);
const previous = () => go(state.at - 1);

function flip(back = !state.back) {
  state.back = back;
  showCard();
}

/** Show the list or the card, where the window is too narrow for both. */
function showPane(pane) {
  document.body.dataset.pane = pane;
}

// As in page.css: a window so narrow shows one pane, and its card is on a phone in any case.
const narrow = window.matchMedia("(max-width: 760px)");

function dress() {
  document.documentElement.dataset.theme = state.night ? "dark" : "light";
  document.body.classList.toggle("phone", state.phone);
  byId("night").setAttribute("aria-pressed", String(state.night));
  byId("desktop").setAttribute("aria-pressed", String(!state.phone));
  byId("phone").setAttribute("aria-pressed", String(state.phone));
  frame.dress({ night: state.night, phone: state.phone || narrow.matches });
}

function setMode(name, value) {
  state[name] = value;
  remember(name, value);
  dress();
}

/* About the deck ---------------------------------------------------------------------------------- */

function deckFacts() {
  const all = [...deck.problems, ...deck.notes.flatMap((note) => note.problems)];
  const remarks = all.filter((one) => one.severity === "note").length;
  const problems = all.length - remarks;
  const facts = [plural(deck.notes.length, "note"), problems ? plural(problems, "problem") : "no problems"];
  if (remarks) facts.push(plural(remarks, "remark"));
  if (!marksChanges && deck.notes.length) facts.push("first build");
  return facts.join(" · ");
}

function describeDeck() {
  document.title = `${deck.name} – preview`;
  byId("deck-name").textContent = byId("about-name").textContent = deck.name;
  byId("deck-facts").textContent = deckFacts();
  const text = byId("about-text");
  const counts = counted(deck.notes.map(statusOf));
  const plan = Object.keys(STATUS_NAMES).filter((one) => counts.has(one))
    .map((one) => `${counts.get(one)} ${STATUS_NAMES[one].toLowerCase()}`);
  const cards = plural(deck.cards.length, "card");
  text.append(element("p", "", `${plural(deck.notes.length, "note")}, ${cards}: ${plan.join(", ") || "empty"}.`));
  if (deck.problems.length) {
    text.append(element("h3", "", "Problems that belong to no card"));
    text.append(element("ul", "problems", ...deck.problems.map(problemItem)));
  }
  if (deck.gone.length) {
    text.append(element("h3", "", "Gone since the lock"));
    text.append(element("ul", "gone", ...deck.gone.map((one) =>
      element("li", "", one.question, " ", element("span", "where", one.path)))));
  }
}

/* Keys -------------------------------------------------------------------------------------------- */

const KEYS = {
  " ": () => flip(),
  ArrowRight: next,
  ArrowDown: next,
  ArrowLeft: previous,
  ArrowUp: previous,
  j: next,
  k: previous,
  Home: () => go(0),
  End: () => go(state.cards.length - 1),
  PageDown: () => frame.scroll(1),
  PageUp: () => frame.scroll(-1),
  "/": () => {
    showPane("list");
    byId("search").focus();
    byId("search").select();
  },
  d: () => setMode("night", !state.night),
  p: () => setMode("phone", !state.phone),
  "?": () => byId("keys").showModal(),
  Enter: () => showPane("card"),
  Escape: () => showPane("list"),
};

/** Return whether an element needs this key for itself. */
function keeps(target, key, inCard) {
  if (!target.closest) return false;
  if (target.closest("dialog, input, select, audio, video")) return true;
  if (target.closest("button, summary, a[href]") && (key === " " || key === "Enter")) return true;
  // Inside a card the vertical keys scroll it.
  return inCard && /^(Arrow(Up|Down)|Page|Home|End)/.test(key);
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inCard = event.target.ownerDocument !== document;
  const action = KEYS[event.key];
  if (!action || keeps(event.target, event.key, inCard)) return;
  event.preventDefault();
  action();
}

/** Keys of the search field: Escape empties it, Enter and arrow down go to the list. */
function onSearchKey(event) {
  if (event.key === "Escape") {
    byId("search").value = "";
    filter();
    byId("list").focus();
  } else if (event.key === "ArrowDown" || event.key === "Enter") {
    byId("list").focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function wire() {
  const clicks = {
    previous,
    next,
    front: () => flip(false),
    answer: () => flip(true),
    desktop: () => setMode("phone", false),
    phone: () => setMode("phone", true),
    night: () => setMode("night", !state.night),
    back: () => showPane("list"),
    clear: clearFilters,
    "about-open": () => byId("about").showModal(),
    "keys-open": () => byId("keys").showModal(),
  };
  for (const [id, action] of Object.entries(clicks)) {
    byId(id).addEventListener("click", (event) => {
      action();
      // A button that was clicked must not swallow the next Space; one reached by Tab may.
      if (event.detail && !document.querySelector("dialog[open]")) byId(id).blur();
    });
  }
  let waiting;
  byId("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 80);
  });
  byId("search").addEventListener("keydown", onSearchKey);
  document.addEventListener("keydown", onKey);
  narrow.addEventListener("change", dress);
}

/* Watching ---------------------------------------------------------------------------------------- */

/** With #watch in the address, reload when the folder was written anew. */
function watch() {
  const version = window.DECK_VERSION;
  setInterval(() => {
    const script = document.createElement("script");
    script.src = `version.js?${Date.now()}`;
    script.onload = script.onerror = () => {
      script.remove();
      if (window.DECK_VERSION !== version) location.reload();
    };
    document.head.append(script);
  }, 1000);
}

/* Start ------------------------------------------------------------------------------------------- */

const list = new CardList(byId("list"), makeRow, (at) => {
  go(at);
  showPane("card");
});
const frame = new CardFrame(byId("card"), deck);

async function start() {
  describeDeck();
  fillFilters();
  wire();
  const asked = address();
  state.back = asked.get("side") === "answer";
  await frame.open(onKey);
  dress();
  state.cards = matching();
  const at = deck.cards.findIndex((card) => named(card) === asked.get("card"));
  state.at = state.cards.length ? Math.max(at, 0) : -1;
  filter();
  await showCard();
  if (asked.has("watch")) watch();
  // For tests, and for the curious: milliseconds from the start of loading to the first card.
  document.documentElement.dataset.ready = Math.round(performance.now());
}

start();
