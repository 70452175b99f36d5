import { useEffect, useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Logo } from '../../ui/icons';

/** Frame of the pages before sign-in. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · LeptonEdge`;
  }, [title]);
  return (
    <div className="gate">
      <main>
        <div className="brand">
          <Logo />
          {t('app.name')}
        </div>
        <section className="panel stack">
          <h1>{title}</h1>
          {children}
        </section>
      </main>
    </div>
  );
}

export function Field({ label, hint, ...input }: { label: string; hint?: string } & React.ComponentProps<'input'>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} className="input" required aria-describedby={hint ? `${id}-hint` : undefined} {...input} />
      {hint && (
        <span id={`${id}-hint`} className="hint">
          {hint}
        </span>
      )}
    </div>
  );
}
