import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getAll, send } from '../../api/client';
import { useDevices, useWorkloads } from '../../api/queries';
import type { StoredChannel } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';

/** Scores the stored history of a channel again with a model of the hub. */
export function NewJob({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const devices = useDevices().data ?? [];
  const models = [
    ...new Set((useWorkloads().data ?? []).flatMap((work) => [work.hubModel, `${work.model}/${work.modelVersion}`])),
  ].filter(Boolean);
  const [device, setDevice] = useState('');
  const of = device || devices[0]?.device || '';
  const channels = useQuery({
    queryKey: ['channels', of],
    enabled: of !== '',
    queryFn: ({ signal }) => getAll<StoredChannel>(`/devices/${of}/channels`, {}, signal),
  });
  return (
    <FormDialog
      title={t('jobs.new')}
      submit={t('jobs.submit')}
      onClose={onClose}
      onSubmit={async (form) => {
        await send(
          'POST',
          '/jobs',
          {
            rescore: { device: of, channel: form.get('channel'), model: form.get('model'), source: form.get('source') },
            priority: Number(form.get('priority')),
          },
          { 'idempotency-key': crypto.randomUUID() },
        );
        await queries.invalidateQueries({ queryKey: ['jobs'] });
      }}
    >
      <p className="quiet">{t('jobs.newHint')}</p>
      <label className="field">
        <span>{t('fleet.device')}</span>
        <select className="input" value={of} onChange={(event) => setDevice(event.target.value)}>
          {devices.map((known) => (
            <option key={known.device}>{known.device}</option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>{t('device.channel')}</span>
        <input className="input" name="channel" list="job-channels" required />
        <datalist id="job-channels">
          {channels.data?.map((channel) => (
            <option key={channel.channel} value={channel.channel} />
          ))}
        </datalist>
      </label>
      <label className="field">
        <span>{t('work.model')}</span>
        <input className="input" name="model" list="job-models" required defaultValue={models[0]} />
        <datalist id="job-models">
          {models.map((model) => (
            <option key={model} value={model} />
          ))}
        </datalist>
      </label>
      <label className="field">
        <span>{t('device.source')}</span>
        <select className="input" name="source">
          <option value="any">{t('jobs.sources.any')}</option>
          <option value="readings">{t('jobs.sources.readings')}</option>
          <option value="raw_windows">{t('jobs.sources.raw')}</option>
        </select>
      </label>
      <label className="field">
        <span>{t('jobs.priority')}</span>
        <input className="input" name="priority" type="number" min={1} max={10} defaultValue={5} />
      </label>
    </FormDialog>
  );
}
