// ---------------------------------------------------------------- runs that are over

const checks = ['wrong', 'truncated', 'split', 'disagree'], rowsOfAPage = 100;
let study = null, shown = null;

const filter = () => new URLSearchParams([...new URLSearchParams(location.hash.slice(1))].filter(([name]) => ['cell', 'beside', 'from', ...checks].includes(name)));
const nameOf = id => study.cells.find(one => one.id === id)?.name ?? '?';
function go(change) { location.hash = hashWith(change); }

async function readStudy() {
  try {
    const before = study?.id;
    study = await get('/v1/study');
    const isOther = before && before !== study.id;
    if (isOther) forget();
    el('trouble').textContent = '';
    document.title = study.name + ' · Stratagem';
    const count = number(study.runs) + (study.wanted && study.wanted > study.runs ? ' of ' + number(study.wanted) : '') + (study.runs === 1 ? ' run' : ' runs');
    el('origin').textContent = study.name + ': ' + count + ' on ' + number(study.problems) + (study.problems === 1 ? ' problem' : ' problems') + (study.origin ? ' (' + study.origin + ')' : '');
    el('lacking').replaceChildren(...study.missing.map(text => make('li', text)));
    for (const [id, none] of [['cell', 'all'], ['beside', 'nothing']]) {
      el(id).replaceChildren(make('option', none), ...study.cells.map(one => { const option = make('option', one.name); option.value = one.id; return option; }));
      el(id).options[0].value = '';
    }
    const two = study.cells.length > 1;
    for (const [id, can, why] of [['wrong', study.knows.reference, 'there is no reference answer'], ['truncated', study.knows.truncated, 'nobody counted'], ['disagree', two, 'there is one strategy'], ['beside', two, 'there is one strategy']]) {
      el(id).disabled = !can;
      el(id).title = can ? '' : why;
    }
    shown = null;
    await showPlace();
    if (isOther) el('trouble').textContent = study.name + ' is another study than it was: it was read again, and what was open is closed.';
  } catch (error) { trouble(error); }
}
// The numbers of strategies and problems in the address were another study's.
function forget() {
  abort?.abort();
  current = [];
  el('runs').replaceChildren();
  el('asked').hidden = true;
  history.replaceState(null, '', hashWith({ run: null, cell: null, beside: null, disagree: null, from: null }));
}
// What the address says is what is shown.
async function showPlace() {
  const wanted = filter();
  el('cell').value = wanted.get('cell') || '';
  el('beside').value = wanted.get('beside') || '';
  for (const id of checks) el(id).checked = wanted.get(id) === '1';
  if (wanted.toString() !== shown) {
    shown = wanted.toString();
    try { rows(await get('/v1/study/runs?' + new URLSearchParams([...wanted, ['study', study.id]]))); el('trouble').textContent = ''; } catch (error) {
      if (error.code === 'study_replaced') return readStudy();
      trouble(error);
    }
  }
  open();
  mark();
}
function rows({ total, from, rows }) {
  const isPair = !!filter().get('beside'), isAll = !filter().get('cell');
  const names = ['Problem', 'Reference', ...(isPair ? [nameOf(+filter().get('cell')), nameOf(+filter().get('beside'))] : [...(isAll ? ['Strategy'] : []), 'Answer', 'Votes', 'Cut', 'Tokens', ''])];
  el('table').tHead.replaceChildren(make('tr'));
  el('table').tHead.rows[0].append(...names.map(name => { const cell = make('th', name); cell.scope = 'col'; return cell; }));
  el('table').tBodies[0].replaceChildren(...rows.map(row => {
    const line = make('tr'), link = make('a', '#' + row.problem + ' ' + (row.text.length > 110 ? row.text.slice(0, 109) + '…' : row.text));
    const ids = row.runs.map(run => run.run).join();
    line.dataset.run = ids;
    link.href = hashWith({ run: ids });
    const put = (name, content, kind) => { const cell = make('td', undefined, kind); if (name) cell.dataset.name = name; cell.append(...[content].flat()); line.append(cell); };
    put('', link, 'text');
    put('reference', row.expected ?? '–', 'number');
    for (const run of row.runs) {
      if (isPair) { put(nameOf(run.cell), [verdict(run), make('br'), make('span', votes(run) + (run.truncated ? ' · ' + run.truncated + ' cut' : ''), 'faint')]); continue; }
      if (isAll) put('', make('span', nameOf(run.cell), 'name'));
      put('answer', verdict(run));
      put('votes', votes(run));
      put('cut', run.truncated === null ? '–' : run.truncated + ' of ' + run.ended, 'number');
      put('tokens', number(run.tokens), 'number');
      const beside = make('a', 'beside');
      beside.setAttribute('aria-label', 'Open beside the first run');
      beside.addEventListener('click', event => { event.preventDefault(); const first = current[0]?.wanted; go({ run: first && first !== run.run ? first + ',' + run.run : run.run }); });
      beside.href = '#';
      put('', beside);
    }
    return line;
  }));
  el('found').textContent = total ? number(from + 1) + '–' + number(from + rows.length) + ' of ' + number(total) + (total === 1 ? ' row' : ' rows') : 'There is no such run.';
  el('earlier').hidden = from === 0;
  el('later').hidden = from + rows.length >= total;
  mark();
}
function verdict(run) {
  if (run.error) return make('span', 'failed: ' + run.error, 'bad');
  const word = run.correct === null ? '' : run.correct ? '\u00a0✓\u00a0right' : '\u00a0✗\u00a0wrong';
  const cell = make('span', run.answer ?? 'no answer');
  cell.append(make('span', word, run.correct ? 'right' : 'bad'));
  return cell;
}
const votes = run => run.votes.map(vote => vote.answer.slice(0, 24) + ' ×' + vote.count + ' (' + vote.weight.toFixed(2) + ')').join(', ') + (run.answers > run.votes.length ? ' …' : '') + (run.split ? ' · split' : '');
// The row that is open, and its problem in full.
function mark() {
  const ids = new URLSearchParams(location.hash.slice(1)).get('run') || '';
  for (const line of el('table').tBodies[0].rows) {
    const isOn = line.dataset.run === ids;
    line.classList.toggle('on', isOn);
    if (isOn) line.setAttribute('aria-current', 'true'); else line.removeAttribute('aria-current');
  }
}
function view() {
  el('study').hidden = false;
  el('motto').textContent = 'Finished runs, each as its tree.';
  el('filters').addEventListener('submit', event => event.preventDefault());
  el('cell').addEventListener('change', () => go({ cell: el('cell').value, ...(el('cell').value ? {} : { beside: null, disagree: null }), ...(el('beside').value === el('cell').value ? { beside: null, disagree: null } : {}), from: null }));
  el('beside').addEventListener('change', () => pair(el('beside').value));
  for (const id of checks.slice(0, 3)) el(id).addEventListener('change', () => go({ [id]: el(id).checked ? '1' : null, from: null }));
  el('disagree').addEventListener('change', () => el('disagree').checked ? pair(el('beside').value || 'any', '1') : go({ disagree: null, from: null }));
  el('again').addEventListener('click', readStudy);
  el('earlier').addEventListener('click', () => go({ from: String(Math.max(0, +(filter().get('from') || 0) - rowsOfAPage)) }));
  el('later').addEventListener('click', () => go({ from: String(+(filter().get('from') || 0) + rowsOfAPage) }));
  addEventListener('hashchange', showPlace);
  readStudy();
}
// A strategy beside another: where one of the two was not chosen, the next best is.
function pair(beside, disagree) {
  if (!beside) return go({ beside: null, disagree: null, from: null });
  const other = id => String(study.cells.find(one => String(one.id) !== id)?.id ?? '');
  const cell = el('cell').value || (beside === 'any' ? String(study.cells[0].id) : other(beside));
  const second = beside === 'any' ? other(cell) : beside;
  go({ cell: cell === second ? other(second) : cell, beside: second, ...(disagree ? { disagree } : {}), from: null });
}

if (mode === 'view') view(); else serve();
