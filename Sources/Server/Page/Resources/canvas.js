function colour(score) {
  const low = [213, 94, 0], middle = [226, 205, 150], high = [0, 140, 122];
  const at = Math.min(1, Math.max(0, score));
  const [a, b, share] = at < .5 ? [low, middle, at * 2] : [middle, high, at * 2 - 1];
  return 'rgb(' + a.map((part, i) => Math.round(part + (b[i] - part) * share)).join(' ') + ')';
}

// Draws a tree on a canvas: only what is in view, and text only where there is room for it.
class View {
  constructor(panel, canvas, choose) {
    this.panel = panel; this.canvas = canvas; this.choose = choose; this.tree = new Tree();
    this.scale = 1; this.x = 0; this.y = 0; this.follows = true; this.selected = null; this.slowest = 0; this.wide = 190; this.gap = 34; this.across = 1; this.room = 224; this.inks = null;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { this.inks = null; this.draw(); });
    this.listen();
  }
  get high() { return 40; }
  left(box) { return box.depth * (this.wide + this.gap); }
  top(box) { return box.row * (this.high + 8); }
  draw() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => { this.asked = 0; this.paint(); });
  }
  fit() {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    // Deep trees get narrow boxes before they get small ones.
    const room = (w - 24) / (this.tree.deepest + 1);
    this.room = Math.min(room, 224);
    const pitch = this.pitch();
    this.across = Math.min(1, room / pitch);
    const high = Math.max(1, this.tree.rows || 1) * (this.high + 8);
    this.scale = Math.min(1, (w - 24) / (this.tree.deepest + 1) / pitch, (h - 52) / high);
    this.stretch();
    // Below the buttons.
    this.x = 12; this.y = Math.max(40, (h - high * this.scale) / 2);
  }
  // From a column to the next, at scale 1.
  pitch() { return Math.min(190, Math.max(58, this.room * .84)) + Math.min(34, Math.max(8, this.room * .16)); }
  // A high tree that is seen from afar keeps its width on the screen: only its rows get small.
  stretch() {
    const pitch = Math.max(this.pitch(), this.room / this.scale), gap = Math.min(pitch * .16, Math.max(34, 34 / this.scale));
    this.gap = gap; this.wide = pitch - gap;
  }
  // As high as the tree needs at its width, within what a window can show.
  grow() {
    const most = Math.max(240, Math.min(560, innerHeight * .6)), across = this.across;
    const wanted = Math.round(Math.min(most, Math.max(180, (this.tree.rows || 1) * (this.high + 8) * across + 60)));
    if (Math.abs(wanted - (this.height || 180)) < 8 || !this.follows) return false;
    this.height = wanted;
    this.canvas.style.height = wanted + 'px';
    return true;
  }
  paint() {
    const began = performance.now();
    const { canvas, tree } = this, ratio = devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
    if (!w) return;
    if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) { canvas.width = Math.round(w * ratio); canvas.height = Math.round(h * ratio); }
    tree.layout();
    if (this.follows) this.fit();
    if (this.grow()) return this.draw();
    if (!this.inks) {
      const style = getComputedStyle(document.body);
      this.inks = Object.fromEntries(['ink', 'rule', 'best', 'kept', 'panel', 'focus'].map(name => [name, style.getPropertyValue('--' + name).trim()]));
    }
    const c = canvas.getContext('2d');
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.globalAlpha = 1;
    c.fillStyle = this.inks.panel; c.fillRect(0, 0, w, h);
    c.translate(this.x, this.y); c.scale(this.scale, this.scale);
    const from = { x: -this.x / this.scale, y: -this.y / this.scale }, to = { x: (w - this.x) / this.scale, y: (h - this.y) / this.scale };
    this.paintLines(c, from, to);
    this.paintBoxes(c, from, to);
    c.globalAlpha = 1;
    const took = performance.now() - began;
    this.slowest = Math.max(this.slowest, took);
    this.panel.drawn(tree.boxes.length, took, this.slowest);
  }
  // All lines of one look in one stroke; where many fall on the same row of pixels, one of them.
  paintLines(c, from, to) {
    const { tree, inks } = this, isDense = this.scale < .25, width = Math.max(1, .7 / this.scale), looks = new Map(), seen = new Set();
    for (const box of tree.boxes) {
      if (!box.parent) continue;
      const x0 = this.left(box.parent) + this.wide, x1 = this.left(box), y0 = this.top(box.parent) + this.high / 2, y1 = this.top(box) + this.high / 2;
      if (x1 < from.x || x0 > to.x || Math.max(y0, y1) < from.y || Math.min(y0, y1) > to.y) continue;
      const look = (box.fate === 'won' ? 4 : box.fate === 'dropped' ? 0 : 2) + (tree.isGivenUp(box) ? 0 : 1);
      if (isDense) {
        const place = ((look * 4096 + box.depth) * 8192 + Math.round((y0 - from.y) * this.scale)) * 8192 + Math.round((y1 - from.y) * this.scale);
        if (seen.has(place)) continue;
        seen.add(place);
      }
      if (!looks.has(look)) looks.set(look, new Path2D());
      const path = looks.get(look), middle = (x0 + x1) / 2;
      path.moveTo(x0, y0);
      if (isDense) path.lineTo(x1, y1); else path.bezierCurveTo(middle, y0, middle, y1, x1, y1);
    }
    for (const look of [...looks.keys()].sort()) {
      const won = look >= 4;
      c.globalAlpha = look % 2 ? 1 : .35;
      c.strokeStyle = won ? inks.best : look < 2 ? inks.rule : inks.kept;
      c.lineWidth = won ? width * 2.5 : width;
      c.stroke(looks.get(look));
    }
  }
  paintBoxes(c, from, to) {
    const { tree, inks } = this, small = this.scale < .45, dense = this.scale * (this.high + 8) < 1, seen = new Set(), marked = [];
    c.textBaseline = 'middle';
    for (const box of tree.boxes) {
      const x = this.left(box), y = this.top(box);
      if (x > to.x || x + this.wide < from.x || y > to.y || y + this.high < from.y) continue;
      const isFaded = tree.isGivenUp(box);
      if (box.fate === 'won' || box === this.selected) marked.push(box);
      else if (dense) {
        // Less than a row of pixels each: the first one stands for those at its place.
        const place = box.depth * 8192 + Math.round((y - from.y) * this.scale);
        if (seen.has(place)) continue;
        seen.add(place);
      }
      c.globalAlpha = isFaded ? .35 : 1;
      c.fillStyle = box.score === null ? inks.rule : colour(box.score);
      if (small) c.fillRect(x, y, this.wide, dense ? 1 / this.scale : this.high); else { c.beginPath(); c.roundRect(x, y, this.wide, this.high, 5); c.fill(); }
      if (this.scale < .35) continue;
      // On a faded box shines the page through: its own ink is read on both.
      if (isFaded) c.globalAlpha = .75;
      c.fillStyle = isFaded || box.score === null ? inks.ink : '#000';
      this.paintText(c, box, x, y);
    }
    c.globalAlpha = 1;
    c.lineWidth = Math.max(1, .7 / this.scale) * 2.5;
    for (const box of marked) {
      c.strokeStyle = box === this.selected ? inks.focus : inks.best;
      c.strokeRect(this.left(box) - 1, this.top(box) - 1, this.wide + 2, this.high + 2);
    }
  }
  paintText(c, box, x, y) {
    const isWide = this.wide > 90, isEnd = box.ending !== 'open';
    // Letters are measured when something has changed, and not for each frame.
    if (!box.short || box.short.wide !== this.wide) {
      c.font = '12px system-ui, sans-serif';
      const first = box.kind === 'root' && !box.text.trim() ? 'problem' : this.label(c, box, this.wide - 14);
      box.short = { wide: this.wide, first, second: null, notes: null };
    }
    const end = box.ending === 'finished' ? '= ' + (box.answer ?? 'no answer') : box.ending === 'truncated' ? 'cut off' : '';
    const notes = [end, box.count > 1 ? '×' + box.count : ''].filter(Boolean).join(' ');
    if (box.short.notes !== notes) {
      c.font = '600 12px system-ui, sans-serif';
      // In a narrow box the count stands beside the score if both have room.
      const hasRoom = isWide || isEnd || c.measureText(notes + ' 0.00').width <= this.wide - 12;
      box.short.notes = notes;
      box.short.second = hasRoom ? this.short(c, notes, this.wide - (isWide ? 50 : 12)) : '';
    }
    c.font = '12px system-ui, sans-serif';
    c.fillText(box.short.first, x + 7, y + 13);
    c.font = '600 12px system-ui, sans-serif';
    c.fillText(box.short.second, x + 7, y + 29);
    if (box.score === null || !isWide && isEnd) return;
    const score = box.score.toFixed(2);
    c.fillText(score, x + this.wide - 7 - c.measureText(score).width, y + 29);
  }
  // As many letters as there is room for: what a label leaves out is its own affair, so it is not cut.
  label(c, box, room) {
    let limit = Math.floor(room / 5.5), text = this.tree.label(box, limit);
    while (limit > 4 && c.measureText(text).width > room) text = this.tree.label(box, --limit);
    return this.short(c, text, room);
  }
  short(c, text, room) {
    if (c.measureText(text).width <= room) return text;
    let low = 0, high = Math.min(text.length, 120);
    while (low < high) { const middle = (low + high + 1) >> 1; if (c.measureText(text.slice(0, middle) + '…').width <= room) low = middle; else high = middle - 1; }
    return text.slice(0, low) + '…';
  }
  zoom(by, at) {
    const rect = this.canvas.getBoundingClientRect(), x = at ? at.x - rect.left : rect.width / 2, y = at ? at.y - rect.top : rect.height / 2;
    const scale = Math.min(2, Math.max(.002, this.scale * by)), column = (x - this.x) / this.scale / (this.wide + this.gap);
    this.y = y - (y - this.y) * scale / this.scale;
    this.scale = scale;
    this.stretch();
    this.x = x - column * (this.wide + this.gap) * scale;
    this.follows = false; this.draw();
  }
  select(box) { this.selected = box; this.choose(box); this.draw(); }
  show(box) {
    const w = this.canvas.clientWidth, h = this.canvas.clientHeight;
    if (this.scale < .5) { this.scale = .8; this.stretch(); }
    const x = this.left(box) * this.scale + this.x, y = this.top(box) * this.scale + this.y;
    if (x < 8 || x + this.wide * this.scale > w - 8) this.x = w / 2 - (this.left(box) + this.wide / 2) * this.scale;
    if (y < 8 || y + this.high * this.scale > h - 8) this.y = h / 2 - (this.top(box) + this.high / 2) * this.scale;
    this.follows = false;
    this.select(box);
  }
  at(x, y) {
    const rect = this.canvas.getBoundingClientRect(), px = (x - rect.left - this.x) / this.scale, py = (y - rect.top - this.y) / this.scale;
    return this.tree.boxes.find(box => px >= this.left(box) && px <= this.left(box) + this.wide && py >= this.top(box) && py <= this.top(box) + this.high) || null;
  }
  listen() {
    const { canvas } = this, fingers = new Map();
    let moved = 0;
    canvas.addEventListener('pointerdown', event => { canvas.setPointerCapture(event.pointerId); fingers.set(event.pointerId, { x: event.clientX, y: event.clientY }); moved = 0; });
    canvas.addEventListener('pointermove', event => {
      const was = fingers.get(event.pointerId);
      if (!was) return;
      const other = [...fingers].find(([id]) => id !== event.pointerId);
      const now = { x: event.clientX, y: event.clientY };
      if (other) {
        const span = p => Math.hypot(p.x - other[1].x, p.y - other[1].y);
        this.zoom(span(now) / Math.max(1, span(was)), { x: (now.x + other[1].x) / 2, y: (now.y + other[1].y) / 2 });
      } else { this.x += now.x - was.x; this.y += now.y - was.y; this.follows = this.follows && !moved; if (moved > 6) this.follows = false; this.draw(); }
      moved += Math.abs(now.x - was.x) + Math.abs(now.y - was.y);
      fingers.set(event.pointerId, now);
    });
    const up = event => { if (fingers.delete(event.pointerId) && moved < 6) { const box = this.at(event.clientX, event.clientY); if (box) this.select(box); } };
    canvas.addEventListener('pointerup', up);
    canvas.addEventListener('pointercancel', event => fingers.delete(event.pointerId));
    canvas.addEventListener('wheel', event => { event.preventDefault(); this.zoom(Math.exp(-event.deltaY / 300), { x: event.clientX, y: event.clientY }); }, { passive: false });
    canvas.addEventListener('keydown', event => {
      const here = this.selected || this.tree.roots[0];
      if (!here) return;
      const list = here.family.children, place = here.place;
      const row = here.parent && (event.key === 'ArrowDown' && place === list.length - 1 || event.key === 'ArrowUp' && place === 0) ? this.neighbour(here, event.key === 'ArrowDown' ? 1 : -1) : null;
      const target = { ArrowRight: this.tree.children(here)[0], ArrowLeft: here.parent, ArrowDown: row || list[place + 1], ArrowUp: row || list[place - 1], Home: this.tree.roots[0], End: this.tree.best }[event.key];
      if (event.key === '+' || event.key === '=') this.zoom(1.3); else if (event.key === '-') this.zoom(1 / 1.3); else if (event.key === '0') { this.follows = true; this.draw(); }
      else if (target) this.show(this.selected ? target : here);
      else if (!['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)) return;
      event.preventDefault();
    });
  }
  // Of the same depth, below another parent.
  neighbour(box, by) {
    const same = this.tree.boxes.filter(one => one.depth === box.depth).sort((a, b) => a.row - b.row);
    return same[same.indexOf(box) + by] || null;
  }
}
