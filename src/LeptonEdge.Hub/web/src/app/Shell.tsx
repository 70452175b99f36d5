import { lazy, Suspense, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useTopic } from '../live/LiveProvider';
import { ErrorBoundary } from '../ui/ErrorBoundary';
import { useKeys } from './keys';
import { Side } from './Side';
import { Top } from './Top';

const Palette = lazy(() => import('./Palette'));
const KeyMap = lazy(() => import('./KeyMap'));

/** Frame of every page: navigation, the hub's state, theme, language and account. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [path] = useLocation();
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState<'palette' | 'keys' | null>(null);
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  // Followed on every page: going from one to the next leaves the stream as it is.
  useTopic('devices');
  useTopic('alarms');
  useTopic('hub');
  useTopic('plan');
  const showKeys = useCallback(() => setShown('keys'), []);
  useKeys({ onPalette: () => setShown('palette'), onMap: showKeys });
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    setOpen(false);
    // A new page is read from its beginning, by eye and by screen reader.
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setOpen(false);
    };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, []);
  const skip = (event: { preventDefault: () => void }) => {
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <div className="shell">
      <a className="skip" href="#main" onClick={skip}>
        {t('app.skip')}
      </a>
      <Side open={open} path={path} />
      <button
        type="button"
        className="scrim"
        data-open={open || undefined}
        aria-label={t('app.close')}
        tabIndex={-1}
        onClick={() => setOpen(false)}
      />
      <Top open={open} onMenu={() => setOpen(!open)} onSearch={() => setShown('palette')} onKeys={showKeys} />
      <main id="main" ref={main} className="main" tabIndex={-1}>
        <ErrorBoundary key={path}>{children}</ErrorBoundary>
      </main>
      <Suspense fallback={null}>
        {shown === 'palette' && <Palette onClose={() => setShown(null)} onKeys={showKeys} />}
        {shown === 'keys' && <KeyMap onClose={() => setShown(null)} />}
      </Suspense>
    </div>
  );
}
