import type { Problem } from './types';

/** An answer that is an error, as RFC 9457 problem details. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }

  get status(): number {
    return this.problem.status;
  }
}

type Query = Record<string, string | number | boolean | null | undefined>;
export interface Page<T> {
  items: T[];
  next: string | null;
}

const PAGE_MAX = 1000;
let csrf = '';

/** What the session gave; every change must carry it. */
export function setCsrf(token: string): void {
  csrf = token;
}

export function pathOf(path: string, query: Query = {}): string {
  const used = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = new URLSearchParams(used.map(([key, value]) => [key, String(value)])).toString();
  return `/api/v1${path}${text ? `?${text}` : ''}`;
}

export function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return call<T>('GET', pathOf(path, query), undefined, { signal });
}

/** What is there, and the ETag that a change of it must match. */
export async function getTagged<T>(path: string): Promise<[T, string]> {
  const answer = await fetch(pathOf(path), { headers: { accept: 'application/json' }, credentials: 'same-origin' });
  if (!answer.ok) throw new ApiError(await problemOf(answer));
  return [(await answer.json()) as T, answer.headers.get('etag') ?? ''];
}

/** Follows the cursors to the end of a list. */
export async function getAll<T>(path: string, query: Query = {}, signal?: AbortSignal, most = 20_000): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await get<Page<T>>(path, { limit: PAGE_MAX, ...query, cursor }, signal);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor && all.length < most);
  return all;
}

export function send<T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  return call<T>(method, pathOf(path), body, { headers });
}

async function call<T>(method: string, address: string, body: unknown, options: RequestInit): Promise<T> {
  const headers: Record<string, string> = {
    accept: 'application/json',
    ...(options.headers as Record<string, string>),
  };
  if (method !== 'GET') headers['x-lepton-csrf'] = csrf;
  let content: BodyInit | undefined;
  if (body instanceof Blob) content = body;
  else if (body !== undefined) {
    headers['content-type'] = 'application/json';
    content = JSON.stringify(body);
  }

  let answer: Response;
  try {
    answer = await fetch(address, { ...options, method, headers, body: content, credentials: 'same-origin' });
  } catch (fault) {
    if (options.signal?.aborted) throw fault;
    throw new ApiError({ status: 0, title: 'unreachable' });
  }

  if (!answer.ok) throw new ApiError(await problemOf(answer));
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export async function problemOf(answer: Response): Promise<Problem> {
  try {
    const problem = (await answer.json()) as Problem;
    return { ...problem, status: answer.status, title: problem.title ?? answer.statusText };
  } catch {
    return { status: answer.status, title: answer.statusText || `HTTP ${answer.status}` };
  }
}
