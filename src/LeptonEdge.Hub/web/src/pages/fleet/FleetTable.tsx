import type { TFunction } from 'i18next';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../api/types';
import { useMay } from '../../app/session';
import { saveCsv } from '../../ui/csv';
import { count } from '../../ui/format';
import { Empty, Panel } from '../../ui/parts';
import { useNarrow } from '../../ui/useNarrow';
import { sorted, VirtualTable, type Column } from '../../ui/VirtualTable';
import { BulkBar, type Target } from './BulkBar';
import { FLEET_CSV, fleetColumns, shownColumns } from './columns';
import { apiFilterOf, matching, NO_FILTER, type Filter } from './filter';
import { Filters } from './Filters';

/** All devices, or those that a filter finds, and what can be done with them. */
export function FleetTable({
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
  const [allFound, setAllFound] = useState(false);
  const { text, state, site, tag, sort, down } = useDeferredValue(filter);
  const every = useMemo(() => fleetColumns(t), [t]);
  const shown = useMemo(
    () => sorted(matching(devices, { text, state, site, tag }), every, { column: sort, down }),
    [devices, text, state, site, tag, sort, down, every],
  );
  const columns = useMemo(() => {
    const wanted = shownColumns(every, narrow, filter.hidden);
    return mayAct ? [checkColumn(t, shown, chosen, setChosen), ...wanted] : wanted;
  }, [t, every, narrow, filter.hidden, mayAct, shown, chosen]);
  const target = useMemo((): Target | null => {
    const whole = apiFilterOf({ ...NO_FILTER, text, state, site, tag });
    if (allFound) return whole ? { filter: whole, count: shown.length } : { devices: shown.map((one) => one.device) };
    return chosen.size > 0 ? { devices: devices.map((one) => one.device).filter((name) => chosen.has(name)) } : null;
  }, [allFound, chosen, devices, shown, text, state, site, tag]);
  const tags = useMemo(() => [...new Set(devices.flatMap((device) => device.tags))], [devices]);
  const clear = () => {
    setChosen(new Set());
    setAllFound(false);
  };
  return (
    <>
      <Filters devices={devices} filter={filter} onChange={setFilter} />
      {target && <BulkBar target={target} tags={tags} onClear={clear} />}
      <div className="row below">
        <p className="quiet small" role="status">
          {t('fleet.shown', { shown: count(shown.length), all: count(devices.length) })}
        </p>
        {mayAct && !target && shown.length > 0 && (
          <button type="button" className="button small plain" onClick={() => setAllFound(true)}>
            {t('fleet.withAllFound')}
          </button>
        )}
        <button type="button" className="button small plain" onClick={() => saveCsv('fleet', shown, FLEET_CSV)}>
          {t('act.exportCsv')}
        </button>
      </div>
      <Panel flush>
        {shown.length === 0 ? (
          <Empty
            icon="search"
            title={t('fleet.none')}
            action={
              <button
                type="button"
                className="button"
                onClick={() => setFilter({ ...NO_FILTER, hidden: filter.hidden })}
              >
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
            least={narrow ? undefined : `${Math.max(30, 74 - 6 * filter.hidden.length)}rem`}
          />
        )}
      </Panel>
    </>
  );
}

function checkColumn(
  t: TFunction,
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
  const flipAll = () => setChosen(all ? new Set() : new Set(shown.map((device) => device.device)));
  return {
    id: 'check',
    track: '2.6rem',
    flex: true,
    name: <input type="checkbox" aria-label={t('fleet.selectAll')} checked={all} onChange={flipAll} />,
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
