import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { ApiError, send } from '../../api/client';
import { Wrong } from '../../ui/Dialog';
import { Field, Gate } from './Gate';

export default function SignIn() {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const search = new URLSearchParams(useSearch());
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFault(undefined);
    try {
      await send('POST', '/session', { name: form.get('name'), password: form.get('password') });
      await queries.resetQueries();
      const to = search.get('to');
      // Only an address of this page: never one that a link brought along.
      go(to?.startsWith('/') && !to.startsWith('//') ? to : '/', { replace: true });
    } catch (error) {
      setFault(error instanceof ApiError && error.status === 401 ? new Error(t('signIn.wrong')) : error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Gate title={t('signIn.title')}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <Field label={t('signIn.name')} name="name" autoComplete="username" autoFocus autoCapitalize="none" />
        <Field label={t('signIn.password')} name="password" type="password" autoComplete="current-password" />
        {fault !== undefined && <Wrong error={fault} />}
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? t('signIn.busy') : t('signIn.submit')}
        </button>
      </form>
      <p className="quiet small">
        {t('signIn.hint')} {t('signIn.forgotten')}
      </p>
    </Gate>
  );
}
