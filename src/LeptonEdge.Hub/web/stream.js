// The connection to the hub: says when the hub is away, and comes back by itself.
const KINDS = ['summary', 'readings', 'plan', 'alarm', 'shed'];
const SILENCE_MS = 5000;

export class Stream {
  #source = null;
  #onEvent;
  #onLink;
  #heard = 0;
  #wanted = null;
  #retry = 0;
  #awaySince = 0;
  onOpen = () => {};

  constructor(onEvent, onLink) {
    this.#onEvent = onEvent;
    this.#onLink = onLink;
    // A dead link may not end by itself: a stream that says nothing for a while is opened anew.
    setInterval(() => this.#watch(), 1000);
  }

  open(wanted) {
    this.#wanted = wanted;
    this.#connect();
  }

  #connect() {
    this.#source?.close();
    clearTimeout(this.#retry);
    this.#heard = Date.now();
    const query = this.#wanted ? `?${new URLSearchParams(this.#wanted)}` : '';
    const source = new EventSource(`api/v1/stream${query}`);
    this.#source = source;
    source.onopen = () => {
      this.#awaySince = 0;
      this.#onLink('live', 'live');
      this.onOpen();
    };
    source.onerror = () => this.#lost();
    for (const kind of KINDS) {
      source.addEventListener(kind, (message) => {
        this.#heard = Date.now();
        this.#onEvent(kind, JSON.parse(message.data));
      });
    }
  }

  #lost() {
    this.#source?.close();
    this.#source = null;
    this.#awaySince ||= Date.now();
    this.#sayAway();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), 1000 + Math.random() * 500);
  }

  #watch() {
    if (this.#awaySince) this.#sayAway();
    else if (this.#source && Date.now() - this.#heard > SILENCE_MS) this.#lost();
  }

  #sayAway() {
    const seconds = Math.round((Date.now() - this.#awaySince) / 1000);
    this.#onLink('away', 'the hub is away; the devices work on', `for ${seconds} s, trying again…`);
  }
}

export async function getJson(path) {
  try {
    const answer = await fetch(path, { headers: { accept: 'application/json' } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // The stream's own state already tells the operator.
  }
}
