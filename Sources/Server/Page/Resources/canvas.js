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
    this.scale = 1; this.x = 0; this.y = 0; this.follows = true; this.selected = null; this.slowest = 0; this.wide = 190; this.gap = 34; this.across = 1;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
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
    this.wide = Math.min(190, Math.max(58, room * .84));
    this.gap = Math.min(34, Math.max(8, room * .16));
    this.across = Math.min(1, room / (this.wide + this.gap));
    const all = [(this.tree.deepest + 1) * (this.wide + this.gap), Math.max(1, this.tree.rows || 1) * (this.high + 8)];
    this.scale = Math.min(1, (w - 24) / all[0], (h - 24) / all[1]);
    this.x = 12; this.y = Math.max(12, (h - all[1] * this.scale) / 2);
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
    const style = getComputedStyle(document.body), ink = style.getPropertyValue('--ink'), rule = style.getPropertyValue('--rule'), best = style.getPropertyValue('--best'), kept = style.getPropertyValue('--kept'), page = style.getPropertyValue('--panel'), focus = style.getPropertyValue('--focus');
    const c = canvas.getContext('2d');
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.fillStyle = page; c.fillRect(0, 0, w, h);
    c.translate(this.x, this.y); c.scale(this.scale, this.scale);
    const from = { x: -this.x / this.scale, y: -this.y / this.scale }, to = { x: (w - this.x) / this.scale, y: (h - this.y) / this.scale };
    const small = this.scale < .45;
    const lineWidth = Math.max(1, .7 / this.scale);
    for (const box of tree.boxes) {
      if (!box.parent) continue;
      const x0 = this.left(box.parent) + this.wide, x1 = this.left(box), y0 = this.top(box.parent) + this.high / 2, y1 = this.top(box) + this.high / 2;
      if (x1 < from.x || x0 > to.x || Math.max(y0, y1) < from.y || Math.min(y0, y1) > to.y) continue;
      const won = box.fate === 'won';
      c.globalAlpha = tree.isGivenUp(box) ? .35 : 1;
      c.strokeStyle = won ? best : box.fate === 'dropped' ? rule : kept; c.lineWidth = won ? lineWidth * 2.5 : lineWidth;
      c.beginPath(); c.moveTo(x0, y0); c.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1); c.stroke();
    }
    c.textBaseline = 'middle';
    for (const box of tree.boxes) {
      const x = this.left(box), y = this.top(box);
      if (x > to.x || x + this.wide < from.x || y > to.y || y + this.high < from.y) continue;
      c.globalAlpha = tree.isGivenUp(box) ? .35 : 1;
      c.fillStyle = box.score === null ? rule : colour(box.score);
      if (small) c.fillRect(x, y, this.wide, this.high); else { c.beginPath(); c.roundRect(x, y, this.wide, this.high, 5); c.fill(); }
      if (box.fate === 'won' || box === this.selected) { c.strokeStyle = box === this.selected ? focus : best; c.lineWidth = lineWidth * 2.5; c.strokeRect(x - 1, y - 1, this.wide + 2, this.high + 2); }
      if (this.scale < .35) continue;
      c.fillStyle = box.score === null ? ink : '#16181c';
      c.font = '12px system-ui, sans-serif';
      const end = box.ending === 'finished' ? '= ' + (box.answer ?? 'no answer') : box.ending === 'truncated' ? 'cut off' : '';
      const notes = [end, box.count > 1 ? '×' + box.count : ''].filter(Boolean).join(' ');
      const score = box.score === null ? '' : box.score.toFixed(2);
      c.fillText(this.short(c, box.depth === 0 && box.kind === 'root' ? 'problem' : tree.label(box), this.wide - 14), x + 7, y + 13);
      c.font = '600 12px system-ui, sans-serif';
      if (this.wide > 90 || box.ending === 'finished') c.fillText(this.short(c, notes, this.wide - (this.wide > 90 ? 50 : 12)), x + 7, y + 29);
      if (this.wide > 90 || box.ending !== 'finished') c.fillText(score, x + this.wide - 7 - c.measureText(score).width, y + 29);
    }
    c.globalAlpha = 1;
    const took = performance.now() - began;
    this.slowest = Math.max(this.slowest, took);
    this.panel.drawn(tree.boxes.length, took, this.slowest);
  }
  short(c, text, room) {
    if (c.measureText(text).width <= room) return text;
    let low = 0, high = Math.min(text.length, 60);
    while (low < high) { const middle = (low + high + 1) >> 1; if (c.measureText(text.slice(0, middle) + '…').width <= room) low = middle; else high = middle - 1; }
    return text.slice(0, low) + '…';
  }
  zoom(by, at) {
    const rect = this.canvas.getBoundingClientRect(), x = at ? at.x - rect.left : rect.width / 2, y = at ? at.y - rect.top : rect.height / 2;
    const scale = Math.min(2, Math.max(.002, this.scale * by));
    this.x = x - (x - this.x) * scale / this.scale; this.y = y - (y - this.y) * scale / this.scale;
    this.scale = scale; this.follows = false; this.draw();
  }
  select(box) { this.selected = box; this.choose(box); this.draw(); }
  show(box) {
    const w = this.canvas.clientWidth, h = this.canvas.clientHeight;
    if (this.scale < .5) { this.scale = .8; }
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
      const here = this.selected || this.tree.roots()[0];
      if (!here) return;
      const list = here.parent ? here.parent.children : this.tree.roots(), place = list.indexOf(here);
      const row = here.parent && (event.key === 'ArrowDown' && place === list.length - 1 || event.key === 'ArrowUp' && place === 0) ? this.neighbour(here, event.key === 'ArrowDown' ? 1 : -1) : null;
      const target = { ArrowRight: here.children[0], ArrowLeft: here.parent, ArrowDown: row || list[place + 1], ArrowUp: row || list[place - 1], Home: this.tree.roots()[0], End: this.tree.best }[event.key];
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
