import { useMemo, useState } from 'react';
import {
  Autocomplete,
  Dialog,
  Header,
  Input,
  Menu,
  MenuItem,
  MenuSection,
  Modal,
  ModalOverlay,
  SearchField,
} from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { Icon } from '../ui/icons';
import { found, type Entry } from './entries';
import { useEntries } from './useEntries';

/** Goes anywhere and does anything that has a name, by typing a part of it. */
export default function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [text, setText] = useState('');
  const entries = useEntries(onKeys);
  const groups = useMemo(() => found(entries, text), [entries, text]);
  const all = groups.flatMap(([, items]) => items);
  const act = (entry: Entry | undefined) => {
    onClose();
    if (entry?.href) go(entry.href);
    entry?.act?.();
  };
  return (
    <ModalOverlay className="overlay high" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className="modal palette">
        <Dialog className="palette-box" aria-label={t('palette.title')}>
          <Autocomplete inputValue={text} onInputChange={setText}>
            <SearchField aria-label={t('palette.label')} autoFocus className="palette-field">
              <Icon name="search" />
              <Input placeholder={t('palette.label')} />
              <kbd>Esc</kbd>
            </SearchField>
            <Menu
              className="menu palette-list"
              aria-label={t('palette.found')}
              onAction={(id) => act(all.find((entry) => entry.id === id))}
              renderEmptyState={() => <p className="quiet palette-none">{t('palette.none')}</p>}
            >
              {groups.map(([group, items]) => (
                <MenuSection key={group} aria-label={t(`palette.groups.${group}`)}>
                  <Header className="title">{t(`palette.groups.${group}`)}</Header>
                  {items.map((entry) => (
                    <MenuItem key={entry.id} id={entry.id} className="item" textValue={entry.text}>
                      <Icon name={entry.icon} />
                      <span className="cut">{entry.text}</span>
                      {entry.note && <span className="end quiet small">{entry.note}</span>}
                    </MenuItem>
                  ))}
                </MenuSection>
              ))}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
