import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { send } from '../../api/client';
import { Wrong } from '../../ui/Dialog';
import { Field, Gate } from './Gate';

const PASSWORD_MIN = 12;

/** The first administrator makes their account with the code that the hub printed. */
export default function Welcome() {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const code = new URLSearchParams(useSearch()).get('code') ?? '';
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, password] = [form.get('name'), form.get('password')];
    setFault(undefined);
    if (password !== form.get('again')) {
      setFault(new Error(t('welcome.differ')));
      return;
    }

    setBusy(true);
    try {
      await send('POST', '/welcome', { code: form.get('code'), name, password });
      await send('POST', '/session', { name, password });
      await queries.resetQueries();
      go('/', { replace: true });
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Gate title={t('welcome.title')}>
      <p className="quiet">{t('welcome.lead')}</p>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <Field
          label={t('welcome.code')}
          name="code"
          defaultValue={code}
          hint={code ? undefined : t('welcome.codeHint')}
          autoComplete="off"
        />
        <Field label={t('signIn.name')} name="name" autoComplete="username" autoFocus autoCapitalize="none" />
        <Field
          label={t('signIn.password')}
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={PASSWORD_MIN}
          hint={t('welcome.passwordHint')}
        />
        <Field
          label={t('welcome.repeat')}
          name="again"
          type="password"
          autoComplete="new-password"
          minLength={PASSWORD_MIN}
        />
        {fault !== undefined && <Wrong error={fault} />}
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? t('welcome.busy') : t('welcome.submit')}
        </button>
      </form>
    </Gate>
  );
}
