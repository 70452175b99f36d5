import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { GO, useSingleKeys } from './keys';
import { PAGES } from './pages';

/** All keys that do something, in a dialog. */
export default function KeyMap({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const single = useSingleKeys();
  const apple = /mac|iphone|ipad/i.test(navigator.platform);
  const pages = PAGES.flatMap((group) => group.pages);
  const rows: [string[], string][] = [
    [[apple ? '⌘' : 'Ctrl', 'K'], t('keys.palette')],
    [['?'], t('keys.map')],
    [['/'], t('keys.search')],
    ...Object.entries(GO).map(([key, href]): [string[], string] => {
      const page = pages.find((known) => known.href === href)!;
      return [['g', key], t(`nav.${page.name}`)];
    }),
    [['Tab'], t('keys.next')],
    [['Enter'], t('keys.open')],
    [['Esc'], t('keys.close')],
    [['←', '→', '↑', '↓'], t('keys.arrows')],
  ];
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className="modal wide">
        <Dialog className="dialog">
          <Heading slot="title">{t('keys.title')}</Heading>
          {!single && <p className="quiet small">{t('keys.off')}</p>}
          <dl className="keys">
            {rows.map(([keys, text]) => (
              <div key={text}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          <div className="row end">
            <button type="button" className="button" onClick={onClose}>
              {t('app.close')}
            </button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
