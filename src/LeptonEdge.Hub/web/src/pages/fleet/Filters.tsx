import { useQuery, useQueryClient } from '@tanstack/react-query';
import { memo, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getAll, send } from '../../api/client';
import type { Device, SavedView } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';
import { MenuButton } from '../../ui/Menu';
import { sayFault } from '../../ui/Toasts';
import { contentOf, type Filter } from './filter';

export function Filters({
  devices,
  filter,
  onChange,
}: {
  devices: Device[];
  filter: Filter;
  onChange: (filter: Filter) => void;
}) {
  const { t } = useTranslation();
  const sites = useMemo(() => names(devices.map((device) => device.site)), [devices]);
  const tags = useMemo(() => names(devices.flatMap((device) => device.tags ?? [])), [devices]);
  return (
    <div className="filters">
      <input
        type="search"
        className="input search"
        aria-label={t('fleet.search')}
        placeholder={t('fleet.search')}
        value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.target.value })}
      />
      <select
        className="input inline"
        aria-label={t('fleet.state')}
        value={filter.state}
        onChange={(event) => onChange({ ...filter, state: event.target.value as Filter['state'] })}
      >
        <option value="">{t('fleet.anyState')}</option>
        <option value="online">{t('state.online')}</option>
        <option value="offline">{t('state.offline')}</option>
        <option value="alarms">{t('fleet.withAlarms')}</option>
      </select>
      <Choice
        label={t('fleet.site')}
        any={t('fleet.anySite')}
        values={sites}
        value={filter.site}
        onChange={(site) => onChange({ ...filter, site })}
      />
      {tags.length > 0 && (
        <Choice
          label={t('fleet.tags')}
          any={t('fleet.anyTag')}
          values={tags}
          value={filter.tag}
          onChange={(tag) => onChange({ ...filter, tag })}
        />
      )}
      <Views filter={filter} onChange={onChange} />
    </div>
  );
}

function Choice({
  label,
  any,
  values,
  value,
  onChange,
}: {
  label: string;
  any: string;
  values: string[];
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <select
      className="input inline"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{any}</option>
      {values.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

/** Drawn again only when the filter changes: an open menu is left alone while reports come in. */
const Views = memo(function Views({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const kept = useQuery({ queryKey: ['views'], queryFn: ({ signal }) => getAll<SavedView>('/views', {}, signal) });
  const views = (kept.data ?? []).filter((view) => view.page === 'fleet');
  const [naming, setNaming] = useState(false);
  const change = async (method: 'PUT' | 'DELETE', name: string, body?: object) => {
    await send(method, `/views/${encodeURIComponent(name)}`, body);
    await queries.invalidateQueries({ queryKey: ['views'] });
  };
  const own =
    views.length === 0
      ? [{ id: 'none', text: t('fleet.noViews'), disabled: true, act: () => {} }]
      : views.map((view) => ({
          id: `view ${view.name}`,
          text: view.name,
          act: () => onChange(contentOf(view.content)),
        }));
  const gone = views.map((view) => ({
    id: `gone ${view.name}`,
    text: view.name,
    act: () => void change('DELETE', view.name).catch(sayFault),
  }));
  return (
    <>
      <MenuButton
        label={t('fleet.views')}
        text={t('fleet.views')}
        className="button"
        sections={[
          { title: t('fleet.views'), items: own },
          { title: t('act.more'), items: [{ id: 'save', text: t('fleet.saveView'), act: () => setNaming(true) }] },
          ...(gone.length > 0 ? [{ title: t('act.remove'), items: gone }] : []),
        ]}
      />
      {naming && (
        <FormDialog
          title={t('fleet.saveView')}
          submit={t('act.save')}
          onClose={() => setNaming(false)}
          onSubmit={(form) =>
            change('PUT', String(form.get('name')).trim(), { page: 'fleet', content: JSON.stringify(filter) })
          }
        >
          <label className="field">
            <span>{t('fleet.viewName')}</span>
            <input className="input" name="name" required maxLength={60} autoFocus />
          </label>
        </FormDialog>
      )}
    </>
  );
});

const names = (values: string[]): string[] =>
  [...new Set(values)].filter(Boolean).sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
