import { useTranslation } from 'react-i18next';
import { useCurrency } from '../../api/queries';
import type { Explanation } from '../../api/types';
import { money, seconds, time } from '../../ui/format';
import { Empty, Panel, PlaceTag, Tag, Words } from '../../ui/parts';

/** Why it runs where it does, and every other place with what it would cost or what rules it out. */
export function Why({ explained }: { explained: Explanation }) {
  const { t } = useTranslation();
  const { placement, options, waiting } = explained;
  const currency = useCurrency();
  return (
    <div className="grid two">
      <Panel title={t('work.why')}>
        <dl className="facts">
          <dt>{t('work.place')}</dt>
          <dd>
            <PlaceTag place={placement.place} /> <span className="code">{placement.node}</span>{' '}
            {placement.preparing && <Tag tone="warn">{t('work.preparing')}</Tag>}
          </dd>
          <dt>{t('work.since')}</dt>
          <dd>{time(placement.sinceMicros)}</dd>
          <dt>{t('work.reason')}</dt>
          <dd>
            <Words>{placement.reason}</Words>
          </dd>
          {explained.why && (
            <>
              <dt>{t('work.binds')}</dt>
              <dd>
                <Words>{explained.why}</Words>
              </dd>
            </>
          )}
          {waiting && (
            <>
              <dt>{t('work.waiting')}</dt>
              <dd>
                {waiting.from} → {waiting.to}: <Words>{waiting.waitsFor}</Words>
              </dd>
            </>
          )}
        </dl>
      </Panel>
      <Panel title={t('work.options')} flush>
        {options.length === 0 ? (
          <Empty title={t('work.noOptions')} />
        ) : (
          <div className="table-scroll" tabIndex={0} role="group" aria-label={t('work.options')}>
            <table className="plain">
              <thead>
                <tr>
                  <th>{t('work.node')}</th>
                  <th>{t('work.recipe')}</th>
                  <th className="n">{t('work.p99')}</th>
                  <th className="n">{t('work.cost')}</th>
                  <th>{t('work.limit')}</th>
                </tr>
              </thead>
              <tbody>
                {options.map((option) => (
                  <tr key={`${option.node} ${option.recipe}`}>
                    <th scope="row" className="code">
                      {option.node}
                    </th>
                    <td>{t(`place.${option.recipe as 'whole'}`, { defaultValue: option.recipe })}</td>
                    <td className="n">{option.latencySeconds === null ? '–' : seconds(option.latencySeconds)}</td>
                    <td className="n">{option.costPerHour === null ? '–' : money(option.costPerHour, currency)}</td>
                    <td className="wrap">
                      {option.limit ? (
                        <span className="warn">
                          <Words>{option.limit}</Words>
                        </span>
                      ) : (
                        <span className="good">{t('work.free')}</span>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
    </div>
  );
}
