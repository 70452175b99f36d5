import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Workload } from '../../api/types';
import { saveCsv } from '../../ui/csv';
import { Empty, Panel } from '../../ui/parts';
import { useNarrow } from '../../ui/useNarrow';
import { sorted, VirtualTable, type Sort } from '../../ui/VirtualTable';
import { Choice, Search } from '../../ui/fields';
import { columnsOf, WORK_CSV } from './columns';
import { nameOf, placeOf, PLACES } from './places';

/** All workloads, with a filter. */
export function WorkloadTable({ workloads }: { workloads: Workload[] }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const [text, setText] = useState('');
  const [place, setPlace] = useState('');
  const [sort, setSort] = useState<Sort>({ column: 'workload', down: false });
  const columns = useMemo(() => columnsOf(t, narrow), [t, narrow]);
  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return sorted(
      workloads.filter(
        (work) =>
          (!place || placeOf(work) === place)
          && words.every((word) => `${work.device} ${work.workload} ${work.model}`.toLowerCase().includes(word)),
      ),
      columns,
      sort,
    );
  }, [workloads, columns, sort, text, place]);
  return (
    <Panel
      title={t('work.all')}
      flush
      end={
        <>
          <Search label={t('work.search')} value={text} onChange={setText} kind="inline" />
          <Choice label={t('work.place')} value={place} onChange={setPlace}>
            <option value="">{t('work.anyPlace')}</option>
            {PLACES.map((id) => (
              <option key={id} value={id}>
                {t(`place.${id}`)}
              </option>
            ))}
          </Choice>
          <button type="button" className="button small plain" onClick={() => saveCsv('workloads', shown, WORK_CSV)}>
            {t('act.exportCsv')}
          </button>
        </>
      }
    >
      {shown.length === 0 ? (
        <Empty icon="workloads" title={t('work.none')}>
          {t('work.noneHint')}
        </Empty>
      ) : (
        <VirtualTable
          label={t('work.all')}
          rows={shown}
          columns={columns}
          keyOf={nameOf}
          sort={sort}
          onSort={setSort}
          height={`min(${shown.length * 36 + 40}px, 34rem)`}
          least={narrow ? undefined : '62rem'}
        />
      )}
    </Panel>
  );
}
