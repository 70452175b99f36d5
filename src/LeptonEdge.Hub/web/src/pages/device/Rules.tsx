import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getAll, getTagged, send } from '../../api/client';
import type { Rule } from '../../api/types';
import { useMay } from '../../app/session';
import { usePace } from '../../live/LiveProvider';
import { ago, count } from '../../ui/format';
import { Answer, Empty, Panel, SeverityTag, Tag, Words } from '../../ui/parts';
import { say, sayFault } from '../../ui/Toasts';
import { RuleDialog } from './RuleDialog';

const pathOf = (rule: Rule): string => `/devices/${rule.device}/workloads/${rule.workload}/rules/${rule.rule}`;

/** Alarm rules as the device holds them, and what can be changed of them. */
export default function Rules({ device }: { device: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [editing, setEditing] = useState<{ rule: Rule; tag: string } | null>(null);
  const rules = useQuery({
    queryKey: ['rules', device],
    refetchInterval: usePace(3000),
    queryFn: ({ signal }) => getAll<Rule>('/rules', { device }, signal),
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ['rules'] });
  const edit = async (rule: Rule) => {
    try {
      const [now, tag] = await getTagged<Rule>(pathOf(rule));
      setEditing({ rule: now, tag });
    } catch (fault) {
      sayFault(fault);
    }
  };
  const giveBack = async (rule: Rule) => {
    try {
      await send('DELETE', pathOf(rule));
      say(t('rules.givenBack', { rule: rule.rule }));
      await refresh();
    } catch (fault) {
      sayFault(fault);
    }
  };
  return (
    <Panel title={t('rules.title')} flush>
      <Answer query={rules}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="alarms" title={t('rules.none')}>
              {t('rules.noneHint')}
            </Empty>
          ) : (
            <div className="table-scroll" tabIndex={0} role="group" aria-label={t('rules.title')}>
              <table className="plain">
                <thead>
                  <tr>
                    <th>{t('alarms.rule')}</th>
                    <th>{t('work.workload')}</th>
                    <th>{t('alarms.severity')}</th>
                    <th>{t('rules.condition')}</th>
                    <th>{t('device.source')}</th>
                    <th className="n">{t('fleet.alarms')}</th>
                    <th>
                      <span className="unseen">{t('act.more')}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {all.map((rule) => (
                    <Row
                      key={`${rule.workload}/${rule.rule}/${rule.channel}`}
                      rule={rule}
                      onEdit={() => void edit(rule)}
                      onGiveBack={() => void giveBack(rule)}
                    />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
      {editing && (
        <RuleDialog
          rule={editing.rule}
          tag={editing.tag}
          path={pathOf(editing.rule)}
          onClose={() => setEditing(null)}
          onDone={refresh}
        />
      )}
    </Panel>
  );
}

function Row({ rule, onEdit, onGiveBack }: { rule: Rule; onEdit: () => void; onGiveBack: () => void }) {
  const { t } = useTranslation();
  const may = useMay('operator');
  const held = rule.raiseAt !== null;
  return (
    <tr>
      <th scope="row" className="code">
        {rule.rule}
        {rule.active && (
          <>
            {' '}
            <Tag tone="bad">{t('alarms.active')}</Tag>
          </>
        )}
      </th>
      <td>
        {rule.workload}
        <p className="quiet small code">{rule.channel}</p>
      </td>
      <td>
        <SeverityTag severity={rule.severity} />
      </td>
      <td className="wrap">
        <Words>{rule.condition}</Words>
        {rule.refused && (
          <p className="bad small">
            <Words>{rule.refused}</Words>
          </p>
        )}
      </td>
      <td>
        <span className="row">
          <Tag tone={rule.source === 'hub' ? 'accent' : 'none'}>
            {t(`rules.sources.${rule.source as 'hub'}`, { defaultValue: rule.source })}
          </Tag>
          {rule.pending && <Tag tone="warn">{t('rules.pending')}</Tag>}
        </span>
      </td>
      <td className="n">
        {count(rule.alarms)}
        {rule.lastMicros !== null && <p className="quiet small">{ago(rule.lastMicros)}</p>}
      </td>
      <td className="n">
        {may && held && (
          <span className="row nowrap">
            <button
              type="button"
              className="button small"
              aria-label={`${t('rules.edit')} ${rule.rule}`}
              onClick={onEdit}
            >
              {t('rules.edit')}
            </button>
            {rule.wanted && (
              <button
                type="button"
                className="button small"
                aria-label={`${t('rules.giveBack')} ${rule.rule}`}
                onClick={onGiveBack}
              >
                {t('rules.giveBack')}
              </button>
            )}
          </span>
        )}
      </td>
    </tr>
  );
}
