// ---------------------------------------------------------------- the server

let current = [], abort = null;

async function follow(reply, run, unwrap) {
  if (!reply.ok) throw await failure(reply);
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    let at;
    while ((at = rest.indexOf('\n\n')) >= 0) {
      const line = rest.slice(0, at);
      rest = rest.slice(at + 2);
      if (!line.startsWith('data: ') || line === 'data: [DONE]') continue;
      const event = unwrap(JSON.parse(line.slice(6)));
      if (event) run.take(event);
    }
  }
}
function begin(titles) {
  if (abort) abort.abort();
  abort = new AbortController();
  el('trouble').textContent = '';
  el('runs').replaceChildren();
  current = titles.map(title => new Run(title));
  el('stop').disabled = false;
  return abort.signal;
}
async function finish(all, signal) {
  await Promise.all(all.map((one, i) => one.catch(error => { if (error.name === 'AbortError') current[i]?.fail('stopped'); else { current[i]?.fail(error.message); if (error.code === 'study_replaced') readStudy(); } })));
  if (!signal.aborted || abort.signal === signal) el('stop').disabled = true;
}
function ask(event) {
  event.preventDefault();
  const wanted = [0, 1].filter(i => i === 0 || el('two').checked).map(i => {
    const params = {};
    for (const pair of el('p' + i).value.split(',')) { const [name, ...value] = pair.split('='); if (name.trim()) params[name.trim()] = value.join('=').trim(); }
    const seed = el('seed').value.trim() || '0';
    return { model: 'stratagem', strategy: el('s' + i).value, budget: el('b' + i).value.trim(), params, seed, messages: [{ role: 'user', content: el('problem').value }], stream: true, stream_options: { include_search: true } };
  });
  const signal = begin(wanted.map(one => one.strategy + '@' + one.budget));
  finish(wanted.map(async (one, i) => {
    const run = current[i];
    const reply = await fetch('/v1/chat/completions', { method: 'POST', signal, headers: { ...headers(), 'Content-Type': 'application/json' }, body: JSON.stringify(one) });
    await follow(reply, run, chunk => chunk.error ? { type: 'error', error: chunk.error } : chunk.choices.length ? null : chunk.stratagem);
  }), signal);
}
function open() {
  const ids = (new URLSearchParams(location.hash.slice(1)).get('run') || '').split(',').filter(id => /^([0-9a-f]{32}|\d{1,9}-\d{1,9})$/.test(id)).slice(0, 2);
  if (!ids.length || ids.join() === current.map(run => run.wanted || run.id).join()) return;
  const signal = begin(ids.map(() => 'run'));
  if (mode === 'view') { const first = current[0]; first.root.scrollIntoView({ block: 'start' }); first.title.focus({ preventScroll: true }); }
  ids.forEach((id, i) => { current[i].wanted = id; });
  el('problem').value = '';
  el('asked').hidden = true;
  finish(ids.map(async (id, i) => { const run = current[i]; await follow(await fetch('/v1/runs/' + id + '/events' + (mode === 'view' ? '?study=' + study.id : ''), { headers: headers(), signal }), run, event => event); }), signal);
}
function address() {
  const ids = current.map(run => run.id);
  if (ids.every(Boolean)) history.replaceState(null, '', hashWith({ run: ids.join() }));
}
async function runs() {
  if (mode !== 'serve') return;
  try {
    const { data } = await get('/v1/runs');
    el('kept').hidden = !data.length;
    el('keptList').replaceChildren(...data.slice(0, 20).map(one => {
      const row = make('li'), link = make('a', one.model);
      link.href = '#run=' + one.run;
      row.append(link, ' ' + (one.status === 'running' ? 'at work' : one.answer === undefined || one.answer === null ? 'no answer' : '= ' + one.answer) + ' · ' + one.problem.slice(0, 90));
      return row;
    }));
  } catch {}
}
async function start() {
  try {
    const { data } = await get('/v1/models');
    el('keyrow').hidden = true; el('trouble').textContent = '';
    const all = data.filter(one => one.strategy);
    for (const [i, first] of [[0, 'best-of-n'], [1, 'beam-search']]) {
      el('s' + i).replaceChildren(...all.map(one => { const option = make('option', one.strategy); option.value = one.strategy; option.title = one.description; option.selected = one.strategy === first; return option; }));
    }
    const examples = (await get('/v1/examples')).data;
    el('exampleRow').hidden = !examples.length;
    el('example').replaceChildren(make('option', 'choose one'), ...examples.map(text => { const option = make('option', text.slice(0, 110)); option.value = text; return option; }));
    if (examples.length && !el('problem').value && !location.hash) el('problem').value = examples[0];
    runs();
    open();
  } catch (error) { trouble(error); }
}
function serve() {
  el('form').hidden = false;
  el('form').addEventListener('submit', ask);
  el('stop').addEventListener('click', () => abort?.abort());
  el('example').addEventListener('change', () => { if (el('example').selectedIndex > 0) el('problem').value = el('example').value; });
  el('enter').addEventListener('click', () => { key = el('key').value.trim(); sessionStorage.setItem('key', key); start(); });
  el('key').addEventListener('keydown', event => { if (event.key === 'Enter') { event.preventDefault(); el('enter').click(); } });
  addEventListener('hashchange', open);
  start();
}
