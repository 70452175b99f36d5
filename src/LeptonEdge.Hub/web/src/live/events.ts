/** One event of a stream of server-sent events. */
export interface ServerEvent {
  name: string;
  data: string;
}

/**
 * Reads server-sent events (WHATWG HTML, section 9.2) from an answer. Unlike the browser's EventSource it says how the
 * hub refused, and that a comment came: a stream without either is a dead one.
 */
export async function readEvents(
  body: ReadableStream<BufferSource>,
  take: (event: ServerEvent) => void,
  alive: () => void,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let event: ServerEvent = { name: '', data: '' };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (event.name) take(event);
        event = { name: '', data: '' };
      } else if (line.startsWith('event:')) event.name = line.slice(6).trim();
      else if (line.startsWith('data:')) event.data += line.slice(5).trimStart();
    }
  }
}
