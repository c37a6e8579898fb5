// ---------------------------------------------------------------- a run

class Run {
  constructor(title) {
    const root = this.root = make('section', undefined, 'run');
    root.setAttribute('aria-label', title);
    this.title = make('h2', title);
    this.title.tabIndex = -1;
    this.status = make('p', 'waiting …', 'faint');
    this.answer = make('p', '', 'answer');
    this.answer.setAttribute('aria-live', 'polite');
    this.votes = make('ul', undefined, 'votes');
    this.cost = make('p', '', 'faint');
    const tree = make('div', undefined, 'tree'), canvas = make('canvas'), tools = make('div', undefined, 'tools');
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'application');
    canvas.setAttribute('aria-label', 'Search tree. Arrows go from step to step, End to the answer; each step is read out, and stands below in full.');
    for (const [sign, name, act] of [['−', 'Zoom out', () => this.view.zoom(1 / 1.4)], ['+', 'Zoom in', () => this.view.zoom(1.4)], ['⤢', 'Show all', () => { this.view.follows = true; this.view.draw(); }]]) {
      const button = make('button', sign);
      button.type = 'button';
      button.setAttribute('aria-label', name);
      button.addEventListener('click', act);
      tools.append(button);
    }
    tree.append(canvas, tools);
    this.path = make('ol', undefined, 'path');
    // For screen readers: the step alone, where the list below has all that led to it.
    this.said = make('p', '', 'hidden');
    this.said.setAttribute('aria-live', 'polite');
    this.missing = make('details');
    this.missing.hidden = true;
    this.drawing = make('p', '', 'faint');
    this.share = make('p');
    root.append(this.title, this.status, this.answer, this.votes, this.cost, tree, make('h3', 'The step, and what led to it'), this.path, this.said, this.missing, this.share, this.drawing);
    el('runs').append(root);
    this.view = new View(this, canvas, box => this.tell(box));
    this.began = performance.now();
    this.rounds = 0;
  }
  drawn(boxes, took, slowest) {
    if (this.isVoteStale) this.live();
    if (this.root.dataset.boxes !== String(boxes)) this.drawing.textContent = number(boxes) + (boxes === 1 ? ' box' : ' boxes');
    this.root.dataset.boxes = boxes; this.root.dataset.took = took.toFixed(1); this.root.dataset.slowest = slowest.toFixed(1);
  }
  take(event) {
    switch (event.type) {
    case 'run':
      this.id = event.run;
      this.title.textContent = event.model;
      this.root.setAttribute('aria-label', event.model);
      if (!el('problem').value) el('problem').value = event.problem;
      el('question').textContent = event.problem;
      el('asked').hidden = mode !== 'view';
      const link = make('a', 'The address of this run');
      link.href = hashWith({ run: event.run });
      this.share.replaceChildren(link);
      address();
      break;
    case 'nodes':
      this.view.tree.add(event.nodes);
      this.isVoteStale = true;
      this.view.draw();
      break;
    case 'round':
      this.rounds = event.rounds;
      this.spend(event.cost);
      this.progress();
      break;
    case 'gap': this.status.textContent += ' · the tree goes on beyond what the server keeps'; break;
    case 'result': this.end(event); break;
    case 'error': this.fail(event.error.message); break;
    }
  }
  progress() { this.status.textContent = 'round ' + this.rounds + ' · ' + number(this.view.tree.nodes.size) + ' nodes · ' + ((performance.now() - this.began) / 1000).toFixed(1) + ' s'; }
  spend(cost) {
    this.cost.textContent = number(cost.generations) + (cost.generations === 1 ? ' generation, ' : ' generations, ') + number(cost.tokens) + ' tokens (' + number(cost.prompt_tokens) + ' of prompt, ' + number(cost.verifier_tokens) + ' by the verifier)' + (cost.flops ? ', ' + flops(cost.flops) : '');
  }
  // The vote as it stands: what is finished, weighed by its score.
  live() {
    this.isVoteStale = false;
    const all = new Map();
    for (const node of this.view.tree.nodes.values()) {
      if (node.ending !== 'finished' || node.answer === null) continue;
      const vote = all.get(node.answer) || { answer: node.answer, weight: 0, count: 0 };
      vote.weight += node.score ?? 1; vote.count++;
      all.set(node.answer, vote);
    }
    this.vote([...all.values()].sort((a, b) => b.weight - a.weight));
  }
  vote(votes) {
    const most = Math.max(1e-9, ...votes.map(vote => vote.weight));
    this.votes.replaceChildren(...votes.slice(0, 8).map(vote => {
      const row = make('li'), bar = make('span'), inner = make('span', undefined, 'bar');
      inner.style.width = Math.max(0, vote.weight / most * 100) + '%'; inner.style.display = 'block';
      bar.append(inner);
      row.append(make('span', vote.answer, 'name'), bar, make('span', vote.weight.toFixed(2) + ' · ' + vote.count + '×', 'count'));
      return row;
    }));
  }
  end(event) {
    const { report, ranking } = event;
    this.isVoteStale = false;
    this.view.tree.rank(ranking);
    this.vote(report.votes);
    this.spend(report.cost);
    this.progress();
    this.status.textContent = 'done in ' + report.cost.seconds.toFixed(2) + ' s · seed ' + report.seed + (report.cancelled ? ' · ended early' : '') + (report.truncated ? ' · ' + number(report.truncated) + (report.truncated === 1 ? ' text was' : ' texts were') + ' cut by a limit' : '') + (report.guess ? ' · a guess: every score is near 0' : '');
    if (report.error) this.fail(report.error.message);
    else this.answer.replaceChildren('Answer ', make('b', report.answer ?? 'none was found'));
    if (report.correct === true) this.answer.append(' (right)');
    else if (report.correct === false) this.answer.append(make('span', ' (wrong: the reference answer is ' + report.expected + ')', 'bad'));
    if (report.missing) {
      this.missing.replaceChildren(make('summary', 'What this tree does not show'), make('p', report.missing, 'faint'), make('pre', report.command));
      this.missing.hidden = false;
    }
    if (this.view.tree.best && !this.view.selected) this.view.select(this.view.tree.best);
    this.view.draw();
    runs();
  }
  fail(message) { this.status.textContent = ''; this.answer.replaceChildren(make('span', message, 'bad')); }
  tell(box) {
    const steps = [];
    for (let at = box; at; at = at.parent) steps.unshift(at);
    const siblings = box.family.children.length;
    this.said.textContent = [box.kind === 'root' ? 'The problem' : 'Step ' + box.depth, siblings > 1 ? (box.place + 1) + ' of ' + siblings : '', box.score === null ? '' : 'score ' + box.score.toFixed(2),
      box.count > 1 && box.kind !== 'root' ? box.count + ' times' : '', box.ending === 'finished' ? 'answer ' + (box.answer ?? 'none') : box.ending === 'truncated' ? 'cut off' : '', this.view.tree.isGivenUp(box) ? 'given up' : box.fate === 'won' ? 'chosen' : '',
      box.text.trim()].filter(Boolean).join(', ');
    this.path.replaceChildren(...steps.filter(step => step.kind !== 'root' || step.text.trim()).map(step => {
      const row = make('li', undefined, step === box ? 'on' : '');
      if (step.score !== null) { const score = make('span', step.score.toFixed(3), 'score'); row.append(score); row.style.borderColor = colour(step.score); }
      let note = step.count > 1 && step.kind !== 'root' ? '  (×' + step.count + ')' : '';
      if (step.ending === 'finished') note += '\n→ ' + (step.answer ?? 'no answer found');
      if (step.ending === 'truncated') note += '\n→ cut by a limit of tokens';
      row.append(step.text.trimEnd() + note);
      return row;
    }));
    this.path.scrollTop = this.path.scrollHeight;
  }
}
const flops = value => { for (const [unit, size] of [['PFLOP', 1e15], ['TFLOP', 1e12], ['GFLOP', 1e9], ['MFLOP', 1e6]]) if (value >= size) return (value / size).toFixed(1) + ' ' + unit; return number(value) + ' FLOP'; };
