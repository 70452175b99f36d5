import type { ReactNode } from 'react';
import { Button, Menu, MenuItem, MenuSection, MenuTrigger, Popover, Header } from 'react-aria-components';
import { Icon, type IconName } from './icons';

export interface Choice {
  id: string;
  text: string;
  chosen?: boolean;
  icon?: IconName;
  disabled?: boolean;
  act: () => void;
}
export interface Choices {
  title?: string;
  items: Choice[];
}

/** A button that opens a list of things to do. */
export function MenuButton({
  label,
  icon,
  text,
  className = 'button plain',
  sections,
}: {
  label: string;
  icon?: IconName;
  text?: ReactNode;
  className?: string;
  sections: Choices[];
}) {
  const all = sections.flatMap((section) => section.items);
  return (
    <MenuTrigger>
      <Button className={`${className} ${text ? '' : 'icon'}`} aria-label={text ? undefined : label}>
        {icon && <Icon name={icon} />}
        {text}
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" aria-label={label} onAction={(id) => all.find((choice) => choice.id === id)?.act()}>
          {sections.map((section, at) => (
            <MenuSection key={section.title ?? at} aria-label={section.title ?? label}>
              {section.title && <Header className="title">{section.title}</Header>}
              {section.items.map((choice) => (
                <MenuItem
                  key={choice.id}
                  id={choice.id}
                  className="item"
                  textValue={choice.text}
                  isDisabled={choice.disabled ?? false}
                >
                  {choice.icon && <Icon name={choice.icon} />}
                  <span>{choice.text}</span>
                  {choice.chosen && (
                    <span className="end">
                      <Icon name="check" />
                    </span>
                  )}
                </MenuItem>
              ))}
            </MenuSection>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
