import { useTranslation } from 'react-i18next';
import type { Model } from '../../api/types';
import { count, number, percent, seconds } from '../../ui/format';
import { Words } from '../../ui/parts';

const SHARES = /accuracy|rate|found|f1|precision|recall/;
const KNOWN = ['accuracy', 'f1', 'fault_or_normal_accuracy', 'false_alarm_rate', 'rmse_cycles'] as const;
const FIGURES_MAX = 4;

/** What the model's training measured, floating point beside integers. */
export function Card({ model }: { model: Model }) {
  const { t } = useTranslation();
  const split = model.splits.find((known) => known.shipped) ?? model.splits[0];
  const figures = (split?.figures ?? [])
    .filter((figure) => figure.name !== 'labelled_found')
    .sort((one, two) => rank(one.name) - rank(two.name))
    .slice(0, FIGURES_MAX);
  if (!model.speed && figures.length === 0) return null;
  const say = (name: string, value: number | null) =>
    value === null ? '–' : SHARES.test(name) ? percent(value, 2) : number(value);
  return (
    <div className="table-scroll card" tabIndex={0} role="group" aria-label={`${t('models.metrics')}: ${model.model}`}>
      <table className="plain">
        <thead>
          <tr>
            <th>{t('models.metrics')}</th>
            <th className="n">fp32</th>
            <th className="n">int8</th>
          </tr>
        </thead>
        <tbody>
          {figures.map(({ name, fp32, int8 }) => (
            <tr key={name}>
              <th scope="row">
                {t(`models.figures.${name as 'accuracy'}`, { defaultValue: name.replaceAll('_', ' ') })}
              </th>
              <td className="n">{say(name, fp32)}</td>
              <td className="n">{say(name, int8)}</td>
            </tr>
          ))}
          {model.speed && (
            <tr>
              <th scope="row">{t('models.window')}</th>
              <td className="n">{seconds(model.speed.fp32 ?? 0)}</td>
              <td className="n">{seconds(model.speed.int8 ?? 0)}</td>
            </tr>
          )}
        </tbody>
      </table>
      {split && (
        <p className="quiet tiny">
          {split.windows !== null && t('models.tested', { count: count(split.windows) })}{' '}
          <Words>{split.description}</Words>
        </p>
      )}
    </div>
  );
}

function rank(name: string): number {
  const at = (KNOWN as readonly string[]).indexOf(name);
  return at < 0 ? KNOWN.length : at;
}
