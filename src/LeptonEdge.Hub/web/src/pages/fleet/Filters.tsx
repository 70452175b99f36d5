import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';
import { MenuButton } from '../../ui/Menu';
import { NO_FILTER, readViews, writeViews, type Filter, type SavedView } from './filter';

export function Filters({ devices, filter, onChange }: { devices: Device[]; filter: Filter; onChange: (filter: Filter) => void }) {
  const { t } = useTranslation();
  const sites = useMemo(() => names(devices.map((device) => device.site)), [devices]);
  const tags = useMemo(() => names(devices.flatMap((device) => device.tags ?? [])), [devices]);
  return (
    <div className="filters">
      <input
        type="search" className="input search" aria-label={t('fleet.search')} placeholder={t('fleet.search')} value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.target.value })}
      />
      <select className="input inline" aria-label={t('fleet.state')} value={filter.state} onChange={(event) => onChange({ ...filter, state: event.target.value as Filter['state'] })}>
        <option value="">{t('fleet.anyState')}</option>
        <option value="online">{t('state.online')}</option>
        <option value="offline">{t('state.offline')}</option>
        <option value="alarms">{t('fleet.withAlarms')}</option>
      </select>
      <Choice label={t('fleet.site')} any={t('fleet.anySite')} values={sites} value={filter.site} onChange={(site) => onChange({ ...filter, site })} />
      {tags.length > 0 && <Choice label={t('fleet.tags')} any={t('fleet.anyTag')} values={tags} value={filter.tag} onChange={(tag) => onChange({ ...filter, tag })} />}
      <Views filter={filter} onChange={onChange} />
    </div>
  );
}

function Choice({ label, any, values, value, onChange }: {
  label: string; any: string; values: string[]; value: string; onChange: (value: string) => void;
}) {
  return (
    <select className="input inline" aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{any}</option>
      {values.map((name) => <option key={name}>{name}</option>)}
    </select>
  );
}

function Views({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { t } = useTranslation();
  const [views, setViews] = useState<SavedView[]>(readViews);
  const [naming, setNaming] = useState(false);
  const keep = (next: SavedView[]) => {
    writeViews(next);
    setViews(next);
  };
  const own = views.length === 0
    ? [{ id: 'none', text: t('fleet.noViews'), disabled: true, act: () => {} }]
    : views.map((view) => ({ id: `view ${view.name}`, text: view.name, act: () => onChange({ ...NO_FILTER, ...view.filter }) }));
  const gone = views.map((view) => ({ id: `gone ${view.name}`, text: view.name, act: () => keep(views.filter((other) => other !== view)) }));
  return (
    <>
      <MenuButton
        label={t('fleet.views')} text={t('fleet.views')} className="button"
        sections={[
          { title: t('fleet.views'), items: own },
          { title: t('act.more'), items: [{ id: 'save', text: t('fleet.saveView'), act: () => setNaming(true) }] },
          ...(gone.length > 0 ? [{ title: t('act.remove'), items: gone }] : []),
        ]}
      />
      {naming && (
        <FormDialog
          title={t('fleet.saveView')} submit={t('act.save')} onClose={() => setNaming(false)}
          onSubmit={async (form) => {
            const name = String(form.get('name')).trim();
            keep([...views.filter((view) => view.name !== name), { name, filter }]);
          }}
        >
          <label className="field"><span>{t('fleet.viewName')}</span><input className="input" name="name" required maxLength={60} autoFocus /></label>
        </FormDialog>
      )}
    </>
  );
}

const names = (values: string[]): string[] => [...new Set(values)].filter(Boolean).sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
