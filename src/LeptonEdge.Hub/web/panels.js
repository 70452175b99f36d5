// Devices, plan and alarms. Rows are kept and changed in place, so that focus and selection survive an update.
const byId = (id) => document.getElementById(id);
const opened = new Set();
const EVENTS_MAX = 100;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key === 'class') made.className = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const placeNames = { hub: 'hub', peer: 'peer', cascade: 'cascade: device + hub', split: 'split: device + hub' };
const placeName = (place) => placeNames[place] ?? 'device';
const placeTag = (place) => tag(place, placeName(place));
const tag = (kind, words) => element('span', { class: `tag ${kind}` }, words ?? kind);
const number = (value, digits) => value.toLocaleString(undefined, { maximumFractionDigits: digits });
const clock = (micros) => new Date(micros / 1000).toLocaleTimeString();
const stamp = (micros) => element('time', { datetime: new Date(micros / 1000).toISOString() }, clock(micros));

export function showDevices(rows, choose) {
  byId('devices-empty').hidden = rows.length > 0;
  const table = byId('devices');
  const devices = Map.groupBy(rows, (row) => row.device);
  for (const body of [...table.tBodies])
    if (!devices.has(body.dataset.device)) body.remove();
  for (const [device, channels] of devices) {
    let body = [...table.tBodies].find((b) => b.dataset.device === device);
    if (!body) {
      body = element('tbody', { 'data-device': device });
      table.append(body);
    }
    showDevice(body, channels, choose, () => showDevices(rows, choose));
  }
}

function showDevice(body, channels, choose, again) {
  const { device } = channels[0];
  // A machine's own sensors are many: those with a workload or an alarm come first, the rest on request.
  const ordered = channels.toSorted(
    (a, b) => Boolean(b.workload) - Boolean(a.workload) || b.activeAlarms - a.activeAlarms);
  const few = ordered.filter((row, i) => i < 3 || row.workload || row.activeAlarms);
  const shown = opened.has(device) ? ordered : few;
  const focused = document.activeElement?.closest('tr')?.dataset.key;
  while (body.rows.length > shown.length) body.deleteRow(-1);
  shown.forEach((row, i) => {
    const key = `${device} ${row.channel} ${row.workload ?? ''}`;
    const line = body.rows[i] ?? body.insertRow();
    const cells = describe(row, i === 0);
    if (line.dataset.key !== key || line.cells.length !== cells.length + (i === 0 ? 2 : 1)) {
      line.dataset.key = key;
      const open = element('button', { class: 'plain', type: 'button' }, row.channel);
      open.addEventListener('click', () => choose(device, row.chartChannel ?? row.channel));
      const head = i === 0 ? [deviceCell(row, channels.length, few.length, shown.length, again)] : [];
      line.replaceChildren(...head, element('td', null, open), ...cells);
    } else {
      const head = i === 0 ? [deviceCell(row, channels.length, few.length, shown.length, again)] : [];
      head.forEach((cell) => replaceIfChanged(line.cells[0], cell));
      cells.forEach((cell, c) => replaceIfChanged(line.cells[c + head.length + 1], cell));
    }
    line.toggleAttribute('data-away', !row.online);
  });
  if (focused && !document.activeElement?.closest('tr'))
    [...body.rows].find((r) => r.dataset.key === focused)?.querySelector('button')?.focus();
}

function replaceIfChanged(old, cell) {
  if (old.innerHTML !== cell.innerHTML || old.rowSpan !== cell.rowSpan) old.replaceWith(cell);
}

function deviceCell(row, all, few, shown, again) {
  const cell = element('th', { scope: 'rowgroup', rowspan: String(shown) }, row.device, ' ');
  if (!row.online) cell.append(tag('away', 'silent'));
  if (row.distrust) {
    cell.append(' ', tag('warning', 'not believed'), element('br'),
      element('span', { class: 'quiet' }, row.distrust));
  }
  if (all > few) {
    const open = opened.has(row.device);
    const more = element('button', { class: 'plain', type: 'button', 'aria-expanded': String(open) },
      open ? 'fewer' : `all ${all} channels`);
    more.addEventListener('click', () => {
      if (!opened.delete(row.device)) opened.add(row.device);
      again();
    });
    cell.append(element('br'), more);
  }
  return cell;
}

function describe(row, first) {
  const source = element('td', { class: 'source', title: row.source });
  if (row.simulated) source.append(tag('simulated'), ' ');
  source.append(row.source);
  return [
    source,
    element('td', { class: 'number' }, number(row.readingsPerSecond, 1)),
    element('td', { class: 'number' }, row.workload ? number(row.inferencesPerSecond, 1) : ''),
    element('td', null, row.place ? placeTag(row.place) : ''),
    element('td', { class: 'number' }, first ? number(row.backlogRecords, 0) : ''),
    element('td', { class: 'number' }, row.activeAlarms ? tag('critical', String(row.activeAlarms)) : '0'),
  ];
}

// Before and after: a peer or a pool is named, so that a move between two of them can be seen.
function nodeTag(place, node, recipe) {
  if (recipe && recipe !== 'whole') return tag(recipe, `${recipe}: device + ${node}`);
  return tag(place, place === 'local' ? placeName(place) : node);
}

function placement(p) {
  const line = element('li', null, element('strong', null, `${p.device} · ${p.workload} `));
  if (p.before && (p.nodeBefore !== p.node || p.recipeBefore !== p.recipe))
    line.append(nodeTag(p.before, p.nodeBefore, p.recipeBefore), ' → ');
  line.append(nodeTag(p.place, p.node, p.recipe));
  if (p.preparing) line.append(' ', tag('info', 'preparing'));
  line.append(element('span', { class: 'quiet' }, ` since ${clock(p.sinceMicros)}`), element('br'), p.reason);
  return line;
}

function planCost(plan) {
  if (plan.gap === null || plan.gap === undefined) return '';
  return `, at most ${number(plan.gap * 100, 2)} % above the best there is`;
}

export function showPlan(plan) {
  byId('plan-version').textContent = `version ${plan.version}${planCost(plan)}`;
  byId('placements').replaceChildren(...plan.placements.map(placement));
  const moves = plan.moves.map((m) => element('li', null, stamp(m.timeMicros),
    element('strong', null, `${m.device} · ${m.workload}: `), nodeTag(m.from, m.fromNode, m.fromRecipe),
    ' → ', nodeTag(m.to, m.toNode, m.toRecipe), ` ${m.reason}`));
  const none = element('li', { class: 'quiet' }, 'Nothing has moved yet.');
  byId('moves').replaceChildren(...(moves.length ? moves : [none]));
}

export function showAlarms(alarms) {
  byId('alarms-count').textContent = alarms.length ? `${alarms.length} active` : 'none active';
  byId('alarms').replaceChildren(...alarms.map((a) => element('li', null,
    tag(a.severity), element('strong', null, ` ${a.device} · ${a.rule} `), stamp(a.timeMicros), element('br'),
    a.message)));
}

const eventLine = (a) => element('li', null,
  stamp(a.timeMicros), tag(a.transition === 'raised' ? a.severity : 'info', a.transition),
  ` ${a.device} · ${a.rule}: ${a.message}`);

export function showEvents(alarms) {
  byId('events').replaceChildren(...alarms.map(eventLine));
}

export function addEvent(alarm) {
  const list = byId('events');
  list.prepend(eventLine(alarm));
  while (list.children.length > EVENTS_MAX) list.lastChild.remove();
}
