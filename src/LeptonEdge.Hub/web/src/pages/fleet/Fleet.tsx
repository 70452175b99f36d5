import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { useDevices } from '../../api/queries';
import type { Device } from '../../api/types';
import { useMay } from '../../app/session';
import { count } from '../../ui/format';
import { Answer, Empty, PageHead, Panel } from '../../ui/parts';
import { useNarrow } from '../../ui/useNarrow';
import { sorted, VirtualTable, type Column } from '../../ui/VirtualTable';
import { BulkBar } from './BulkBar';
import { fleetColumns } from './columns';
import { filterOf, matching, NO_FILTER, searchOf, type Filter } from './filter';
import { Filters } from './Filters';

export default function Fleet() {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const address = useSearch();
  const filter = useMemo(() => filterOf(address), [address]);
  const devices = useDevices();
  const setFilter = useCallback(
    (next: Filter) => {
      const search = searchOf(next);
      go(search ? `/fleet?${search}` : '/fleet', { replace: true });
    },
    [go],
  );
  return (
    <>
      <PageHead title={t('fleet.title')} />
      <Answer query={devices} lines={12}>
        {(all) => <Table devices={all} filter={filter} setFilter={setFilter} />}
      </Answer>
    </>
  );
}

function Table({
  devices,
  filter,
  setFilter,
}: {
  devices: Device[];
  filter: Filter;
  setFilter: (filter: Filter) => void;
}) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const mayAct = useMay('operator');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { text, state, site, tag, sort, down } = useDeferredValue(filter);
  const shown = useMemo(() => {
    const found = matching(devices, { text, state, site, tag, sort, down });
    return sorted(found, fleetColumns(t, false, null), { column: sort, down });
  }, [devices, text, state, site, tag, sort, down, t]);
  const columns = useMemo(
    () => fleetColumns(t, narrow, mayAct ? checkColumn(t, shown, chosen, setChosen) : null),
    [t, narrow, mayAct, shown, chosen],
  );
  if (devices.length === 0)
    return (
      <Panel>
        <Empty icon="fleet" title={t('overview.noDevices')}>
          {t('overview.noDevicesHint')}
        </Empty>
      </Panel>
    );
  return (
    <>
      <Filters devices={devices} filter={filter} onChange={setFilter} />
      {chosen.size > 0 && (
        <BulkBar devices={devices.filter((device) => chosen.has(device.device))} onClear={() => setChosen(new Set())} />
      )}
      <p className="quiet small" role="status">
        {t('fleet.shown', { shown: count(shown.length), all: count(devices.length) })}
      </p>
      <Panel flush>
        {shown.length === 0 ? (
          <Empty
            icon="search"
            title={t('fleet.none')}
            action={
              <button type="button" className="button" onClick={() => setFilter(NO_FILTER)}>
                {t('fleet.clearFilters')}
              </button>
            }
          >
            {t('fleet.noneHint')}
          </Empty>
        ) : (
          <VirtualTable
            label={t('fleet.title')}
            rows={shown}
            columns={columns}
            keyOf={(device) => device.device}
            sort={{ column: filter.sort, down: filter.down }}
            onSort={(next) => setFilter({ ...filter, sort: next.column, down: next.down })}
            isChosen={(device) => chosen.has(device.device)}
            height={`min(${shown.length * 36 + 40}px, calc(100dvh - 14rem))`}
            least={narrow ? undefined : '74rem'}
          />
        )}
      </Panel>
    </>
  );
}

function checkColumn(
  t: ReturnType<typeof useTranslation>['t'],
  shown: Device[],
  chosen: ReadonlySet<string>,
  setChosen: (chosen: ReadonlySet<string>) => void,
): Column<Device> {
  const all = shown.length > 0 && shown.every((device) => chosen.has(device.device));
  const flip = (name: string) => {
    const next = new Set(chosen);
    if (!next.delete(name)) next.add(name);
    setChosen(next);
  };
  return {
    id: 'check',
    track: '2.6rem',
    flex: true,
    name: (
      <input
        type="checkbox"
        aria-label={t('fleet.selectAll')}
        checked={all}
        onChange={() => setChosen(all ? new Set() : new Set(shown.map((d) => d.device)))}
      />
    ),
    cell: (device) => (
      <input
        type="checkbox"
        aria-label={t('fleet.select', { name: device.device })}
        checked={chosen.has(device.device)}
        onChange={() => flip(device.device)}
      />
    ),
  };
}
