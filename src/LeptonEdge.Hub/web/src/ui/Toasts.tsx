import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icons';

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}
const SHOWN_MS = 6000;
let toasts: Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: Toast[]): void {
  toasts = next;
  listeners.forEach((listener) => listener());
}

/** Says what became of something that was asked for. */
export function say(text: string, bad = false): void {
  const toast = { id: ++last, text, bad };
  change([...toasts.slice(-3), toast]);
  if (!bad) setTimeout(() => change(toasts.filter((shown) => shown !== toast)), SHOWN_MS);
}

export const sayFault = (fault: unknown): void => say(fault instanceof Error ? fault.message : String(fault), true);

export function Toasts() {
  const { t } = useTranslation();
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className={`toast ${toast.bad ? 'bad' : ''}`}>
          <span className="grow wrap">{toast.text}</span>
          <button
            type="button"
            className="button plain icon small"
            aria-label={t('app.close')}
            onClick={() => change(toasts.filter((other) => other !== toast))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
