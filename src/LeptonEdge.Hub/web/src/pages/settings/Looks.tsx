import { useTranslation } from 'react-i18next';
import { setSingleKeys, useSingleKeys } from '../../app/keys';
import { applyTheme, useTheme, type Theme } from '../../app/theme';
import { LANGUAGES, setLanguage, type Language } from '../../i18n';
import { Panel } from '../../ui/parts';

export function Looks() {
  const { t, i18n } = useTranslation();
  const theme = useTheme();
  const single = useSingleKeys();
  return (
    <Panel className="narrow">
      <div className="form">
        <label className="field">
          <span>{t('app.theme')}</span>
          <select className="input" value={theme} onChange={(event) => applyTheme(event.target.value as Theme)}>
            {(['system', 'light', 'dark'] as const).map((id) => (
              <option key={id} value={id}>
                {t(`app.${id}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{t('app.language')}</span>
          <select
            className="input"
            value={i18n.language}
            onChange={(event) => void setLanguage(event.target.value as Language)}
          >
            {Object.entries(LANGUAGES).map(([id, name]) => (
              <option key={id} value={id} lang={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label className="row">
          <input type="checkbox" checked={single} onChange={(event) => setSingleKeys(event.target.checked)} />
          <span>{t('keys.single')}</span>
        </label>
        <p className="quiet small">{t('keys.singleHint')}</p>
        <p className="quiet small">{t('settings.kept')}</p>
      </div>
    </Panel>
  );
}
