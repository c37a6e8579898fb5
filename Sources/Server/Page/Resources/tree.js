// ---------------------------------------------------------------- labels

// What a picture shows of a step: what tells it from its siblings. The same as StepLabel.swift says, in this
// page's language; Tests/PageTests/labels.json holds the two together.
const longestWord = 16;
const letters = typeof Intl !== 'undefined' && Intl.Segmenter ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : null;
const isPlain = text => /^[\x20-\x7e]*$/.test(text);
const characters = text => isPlain(text) || !letters ? [...text] : Array.from(letters.segment(text), one => one.segment);
const size = text => isPlain(text) ? text.length : characters(text).length;

function stepWords(text) {
  const words = [];
  for (const word of text.split(/\s+/u)) {
    if (!word) continue;
    // "84*0.75=63" is two numbers, their product and the signs between.
    const runs = [];
    let isOpen = false;
    for (const letter of characters(word)) {
      const isSign = !/^[\p{Alphabetic}\p{N}.,'’]/u.test(letter);
      if (isOpen && !isSign) runs[runs.length - 1].push(letter); else runs.push([letter]);
      isOpen = !isSign;
    }
    let isSpaced = true;
    for (const run of runs) {
      for (const piece of run.length > longestWord ? run : [run.join('')]) { words.push({ text: piece, isSpaced }); isSpaced = false; }
    }
  }
  return words;
}
// For each of the texts, its words and where a sibling goes on with another word.
function stepLabels(texts) {
  const node = () => ({ next: new Map(), ends: false, get forks() { return this.next.size + (this.ends ? 1 : 0) > 1; } });
  const top = node();
  const paths = texts.map(text => {
    const words = stepWords(text), path = [top];
    let at = top;
    for (const word of words) {
      const name = (word.isSpaced ? ' ' : '') + word.text;
      if (!at.next.has(name)) at.next.set(name, node());
      at = at.next.get(name);
      path.push(at);
    }
    at.ends = true;
    return { words, path };
  });
  return paths.map(({ words, path }) => ({ words, forks: path.flatMap((at, i) => at.forks ? [i] : []) }));
}
function labelText({ words, forks }, limit) {
  // What is between the places that are shown is "…".
  const drawn = places => {
    let text = '', next = 0;
    for (const place of places) {
      if (place > next) text += text ? ' …' : '…'; else if (text && words[place].isSpaced) text += ' ';
      text += words[place].text;
      next = place + 1;
    }
    return next < words.length ? text + '…' : text;
  };
  const cut = text => size(text) <= limit ? text : characters(text).slice(0, Math.max(1, limit - 1)).join('') + '…';
  const whole = drawn(words.keys());
  if (size(whole) <= limit || !forks.length) return cut(whole);
  const shown = new Set();
  const add = place => {
    if (place < 0 || place >= words.length || shown.has(place)) return true;
    if (size(drawn([...shown, place].sort((a, b) => a - b))) > limit) return false;
    shown.add(place);
    return true;
  };
  // The last fork tells it from the sibling that is most like it.
  const places = forks.map(place => Math.min(place, words.length - 1)), last = places[places.length - 1];
  shown.add(last);
  for (let i = places.length - 1; i >= 0; i--) if (!add(places[i])) break;
  if (last > 0 && size(words[last - 1].text) * 4 < limit) add(last - 1);
  for (const place of [last, ...places.slice(0, -1).reverse()]) for (let next = place; next < words.length; next++) if (!add(next)) break;
  for (let next = places[0] - 1; next >= 0; next--) if (!add(next)) break;
  return cut(drawn([...shown].sort((a, b) => a - b)));
}

// ---------------------------------------------------------------- the tree

// Equal steps below the same step are one box: a trie of all that was sampled.
class Tree {
  constructor() { this.boxes = []; this.ends = new Map(); this.nodes = new Map(); this.deepest = 0; this.isOver = false; this.top = this.family(); this.isStale = true; }
  family() { return { children: [], known: new Map(), labels: null, labelled: 0 }; }
  get roots() { return this.top.children; }
  add(nodes) { for (const node of nodes) this.place(node); }
  place(node) {
    const before = this.nodes.get(node.id);
    this.nodes.set(node.id, node);
    if (before) {
      let at = this.ends.get(node.id);
      for (let i = node.steps.length - 1; i >= 0 && at; i--, at = at.parent) {
        if (node.steps[i].score !== null) at.score = node.steps[i].score;
        if (i === node.steps.length - 1) this.close(at, node);
      }
      return;
    }
    let at = node.parent ? this.ends.get(node.parent) || null : null;
    node.steps.forEach((step, i) => {
      const isLast = i === node.steps.length - 1, ending = isLast ? node.ending : 'open';
      const family = at ? at.below || (at.below = this.family()) : this.top;
      // Texts that are not known are not known to be equal; and a root has none.
      const name = node.kind + ' ' + ending + ' ' + (node.apart || node.kind === 'root' ? node.id + ' ' : '') + step.text;
      let box = family.known.get(name);
      if (!box) {
        box = { parent: at, text: step.text, kind: node.kind, score: null, below: null, count: 0, depth: at ? at.depth + 1 : 0, row: 0, answer: null, ending: 'open', fate: null, family, place: family.children.length, short: null };
        family.known.set(name, box);
        family.children.push(box);
        this.boxes.push(box);
        this.isStale = true;
      }
      if (step.score !== null) box.score = step.score;
      box.count++;
      at = box;
    });
    if (!at) return;
    this.close(at, node);
    this.ends.set(node.id, at);
    this.deepest = Math.max(this.deepest, at.depth);
  }
  close(box, node) { if (node.ending !== 'open') { box.ending = node.ending; box.answer = node.answer; } }
  children(box) { return box.below ? box.below.children : []; }
  // What the ranking leads to stays; the rest was given up.
  rank(ranking) {
    this.isOver = true;
    for (const box of this.boxes) box.fate = 'dropped';
    ranking.forEach((id, rank) => {
      for (let at = this.ends.get(id); at; at = at.parent) if (rank === 0) at.fate = 'won'; else if (at.fate !== 'won') at.fate = 'kept';
    });
    this.best = this.ends.get(ranking[0]) || null;
  }
  // While it grows: a step that was not gone on from when others were.
  isGivenUp(box) {
    if (this.isOver) return box.fate === 'dropped' && box.kind !== 'root';
    return !box.below && box.ending === 'open' && box.depth < this.deepest;
  }
  // A row a leaf, parents in the middle of their children.
  layout() {
    if (!this.isStale) return;
    this.isStale = false;
    let row = 0;
    const waiting = [...this.roots].reverse();
    while (waiting.length) {
      const box = waiting.pop(), below = this.children(box);
      if (!below.length) box.row = row++;
      for (let i = below.length - 1; i >= 0; i--) waiting.push(below[i]);
    }
    // Children are younger than their parents.
    for (let i = this.boxes.length - 1; i >= 0; i--) {
      const below = this.children(this.boxes[i]);
      if (below.length) this.boxes[i].row = (below[0].row + below[below.length - 1].row) / 2;
    }
    this.rows = row;
  }
  // In at most `limit` letters. Where a family still grows, its labels follow a few times a second.
  label(box, limit) {
    const family = box.family, now = performance.now();
    if (!family.labels || family.labels.length < family.children.length && (this.isOver || now - family.labelled > 300)) {
      family.labels = stepLabels(family.children.map(one => one.text));
      family.labelled = now;
      for (const one of family.children) one.short = null;
    }
    const known = family.labels[box.place];
    return known ? labelText(known, limit) : cutText(box.text, limit);
  }
}
const cutText = (text, limit) => { const line = text.trim().replace(/\s+/g, ' '); return line.length <= limit ? line : line.slice(0, Math.max(1, limit - 1)) + '…'; };
