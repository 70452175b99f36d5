import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Empty, PageHead } from '../ui/parts';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('app.notFound')} />
      <Empty
        icon="search"
        title={t('app.notFound')}
        action={
          <Link className="button" href="/">
            {t('app.toOverview')}
          </Link>
        }
      >
        {t('app.notFoundHint')}
      </Empty>
    </>
  );
}
