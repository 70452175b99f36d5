// The live page: one stream of server-sent events feeds every panel. Text from devices is only ever set as text.
import { Chart } from './chart.js';
import { Stream, getJson } from './stream.js';
import { showDevices, showPlan, showAlarms, addEvent, showEvents } from './panels.js';

const byId = (id) => document.getElementById(id);
const channelSelect = byId('channel');
const spanSelect = byId('span');
const chart = new Chart(byId('chart'), byId('latest'), byId('chart-note'));
const stream = new Stream(onEvent, onLink);
let chosen = null;
let known = '';

// The state is spoken once; the seconds that follow it are only shown.
function onLink(state, text, detail = '') {
  if (byId('link').dataset.state !== state) {
    byId('link').dataset.state = state;
    byId('link').textContent = text;
  }
  byId('link-detail').textContent = detail;
}

function onEvent(kind, data) {
  switch (kind) {
    case 'summary': showSummary(data); break;
    case 'readings':
      if (chosen && data.device === chosen.device && data.channel === chosen.channel) chart.add(data.points);
      break;
    case 'plan': showPlan(data); break;
    case 'alarm': addEvent(data); refreshAlarms(); break;
    case 'shed':
      byId('chart-note').textContent = `This page was too slow for ${data.events} updates; they are in the store.`;
      break;
  }
}

function showSummary(summary) {
  byId('tenant').textContent = summary.hub.tenant;
  const online = new Set(summary.rows.filter((row) => row.online).map((row) => row.device));
  const all = new Set(summary.rows.map((row) => row.device));
  byId('totals').textContent =
    `${online.size} of ${all.size} devices online · ${summary.hub.batches.toLocaleString()} batches stored`;
  showDevices(summary.rows, choose);
  offerChannels(summary.channels);
}

function offerChannels(channels) {
  const now = channels.map((c) => `${c.device} ${c.channel}`).join('\n');
  if (now === known) return;
  known = now;
  channelSelect.replaceChildren(
    ...channels.map((c) => new Option(`${c.device} · ${c.channel}`, `${c.device} ${c.channel}`)));
  const wanted = chosen ?? channels.find((c) => c.channel.includes('rms')) ?? channels[0];
  if (!wanted) return;
  channelSelect.value = `${wanted.device} ${wanted.channel}`;
  if (!chosen) choose(wanted.device, wanted.channel);
}

async function choose(device, channel) {
  chosen = { device, channel };
  channelSelect.value = `${device} ${channel}`;
  chart.start(`${device} ${channel}`, Number(spanSelect.value));
  stream.open(chosen);
  await fill();
}

async function fill() {
  const mine = chosen;
  const span = Number(spanSelect.value);
  const to = Date.now() * 1000;
  const query = new URLSearchParams({ from: to - span * 1e6, to, points: 600 });
  const path = `api/v1/devices/${mine.device}/channels/${encodeURIComponent(mine.channel)}/readings?${query}`;
  const answer = await getJson(path);
  if (answer && mine === chosen)
    chart.fill(answer.points.map((p) => [p.timeMicros, p.mean, p.min, p.max]));
}

async function refreshAlarms() {
  const answer = await getJson('api/v1/alarms?state=active');
  if (answer) showAlarms(answer.alarms);
}

async function refreshAll() {
  const [summary, plan, history] = await Promise.all(
    [getJson('api/v1/summary'), getJson('api/v1/plan'), getJson('api/v1/alarms?state=all&limit=50')]);
  if (summary) showSummary(summary);
  if (plan) showPlan(plan);
  if (history) showEvents(history.alarms);
  await refreshAlarms();
  if (chosen) await fill();
}

channelSelect.addEventListener('change', () => {
  const [device, channel] = channelSelect.value.split(' ');
  choose(device, channel);
});
spanSelect.addEventListener('change', () => chosen && choose(chosen.device, chosen.channel));
stream.onOpen = refreshAll;
stream.open(null);
