'use strict';
const el = id => document.getElementById(id);
const make = (tag, text, name) => { const one = document.createElement(tag); if (text !== undefined) one.textContent = text; if (name) one.className = name; return one; };
const number = value => value.toLocaleString('en', { maximumFractionDigits: 0 });
let key = sessionStorage.getItem('key') || '';
const mode = document.body.dataset.mode;
const headers = () => key ? { Authorization: 'Bearer ' + key } : {};

// The address of this page with some of what stands behind the # changed; null takes a part away.
function hashWith(change) {
  const parts = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of Object.entries(change)) if (value === null || value === '') parts.delete(name); else parts.set(name, value);
  return '#' + parts.toString().replaceAll('%2C', ',');
}
async function get(path) {
  const reply = await fetch(path, { headers: headers() });
  if (!reply.ok) throw await failure(reply);
  return reply.json();
}
async function failure(reply) {
  if (reply.status === 401) el('keyrow').hidden = false;
  const failed = new Error('The server answers ' + reply.status);
  try { const { error } = await reply.json(); failed.message = error.message; failed.code = error.code; } catch {}
  return failed;
}
function trouble(error) { if (error && error.name !== 'AbortError') el('trouble').textContent = error.message; }
