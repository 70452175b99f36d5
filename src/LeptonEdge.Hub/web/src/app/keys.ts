import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';

/** After g, the page of a letter. */
export const GO: Record<string, string> = {
  o: '/',
  f: '/fleet',
  s: '/sites',
  a: '/alarms',
  w: '/workloads',
  m: '/models',
  j: '/jobs',
  u: '/usage',
};

const KEY = 'lepton.keys';
const WITHIN_MS = 1200;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const areOn = (): boolean => localStorage.getItem(KEY) !== 'off';

/** Whether keys without Ctrl do something: speech input and some keyboards press them by mistake (WCAG 2.1.4). */
export const useSingleKeys = (): boolean => useSyncExternalStore(subscribe, areOn);

export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, 'off');
  listeners.forEach((listener) => listener());
}

/** The keys that hold on every page. */
export function useKeys({ onPalette, onMap }: { onPalette: () => void; onMap: () => void }): void {
  const [, go] = useLocation();
  const palette = useEffectEvent(onPalette);
  const map = useEffectEvent(onMap);
  useEffect(() => {
    let first = 0;
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        palette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !areOn()) return;
      const waited = performance.now() - first < WITHIN_MS;
      first = 0;
      const page = GO[event.key];
      if (waited && page) go(page);
      else if (event.key === 'g') first = performance.now();
      else if (event.key === '?') map();
      else if (event.key === '/' && focusSearch()) event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [go]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element
    && target.closest('input, textarea, select, [contenteditable], [role=dialog], [role=menu]') !== null
  );
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLElement>('main input[type=search]');
  field?.focus();
  return field !== null;
}
