import i18next, { type ResourceLanguage } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Texts } from './en';

export const LANGUAGES = { en: 'English', zh: '中文' } as const;
export type Language = keyof typeof LANGUAGES;
const KEY = 'lepton.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: Texts };
    returnNull: false;
  }
}

const load: Record<Language, () => Promise<Texts>> = {
  en: async () => (await import('./en')).en,
  zh: async () => (await import('./zh')).zh,
};

function wanted(): Language {
  const kept = localStorage.getItem(KEY);
  if (kept === 'en' || kept === 'zh') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** Loads one language, not both. */
export async function startTexts(): Promise<void> {
  const language = wanted();
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  await i18next
    .use(initReactI18next)
    .init({
      lng: language,
      resources: { [language]: { translation: (await load[language]()) as unknown as ResourceLanguage } },
      interpolation: { escapeValue: false },
      showSupportNotice: false,
    } as Parameters<typeof i18next.init>[0]);
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEY, language);
  i18next.addResourceBundle(language, 'translation', await load[language]());
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}
