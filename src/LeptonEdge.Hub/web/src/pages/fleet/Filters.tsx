import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../api/types';
import { MenuButton } from '../../ui/Menu';
import { Choice, Search } from '../../ui/fields';
import { CHOICES } from './columns';
import type { Filter } from './filter';
import { Views } from './Views';

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
      <Search
        label={t('fleet.search')}
        value={filter.text}
        onChange={(text) => onChange({ ...filter, text })}
      />
      <Choice
        label={t('fleet.state')}
        value={filter.state}
        onChange={(state) => onChange({ ...filter, state: state as Filter['state'] })}
      >
        <option value="">{t('fleet.anyState')}</option>
        <option value="online">{t('state.online')}</option>
        <option value="offline">{t('state.offline')}</option>
        <option value="alarms">{t('fleet.withAlarms')}</option>
      </Choice>
      <NameChoice
        label={t('fleet.site')}
        any={t('fleet.anySite')}
        values={sites}
        value={filter.site}
        onChange={(site) => onChange({ ...filter, site })}
      />
      {tags.length > 0 && (
        <NameChoice
          label={t('fleet.tags')}
          any={t('fleet.anyTag')}
          values={tags}
          value={filter.tag}
          onChange={(tag) => onChange({ ...filter, tag })}
        />
      )}
      <Columns filter={filter} onChange={onChange} />
      <Views filter={filter} onChange={onChange} />
    </div>
  );
}

function NameChoice({
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
    <Choice label={label} value={value} onChange={onChange}>
      <option value="">{any}</option>
      {values.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </Choice>
  );
}

/** Which columns are seen. */
const Columns = memo(function Columns({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { t } = useTranslation();
  const items = CHOICES.map((id) => {
    const isHidden = filter.hidden.includes(id);
    const hidden = isHidden ? filter.hidden.filter((other) => other !== id) : [...filter.hidden, id];
    return { id, text: t(`fleet.${id}`), chosen: !isHidden, act: () => onChange({ ...filter, hidden }) };
  });
  return <MenuButton label={t('fleet.columns')} text={t('fleet.columns')} className="button" sections={[{ items }]} />;
});

const names = (values: string[]): string[] =>
  [...new Set(values)].filter(Boolean).sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
