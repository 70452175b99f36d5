import { common } from './common';
import { device } from './device';
import { work } from './work';

export const en = { ...common, ...device, ...work };

type Loose<T> = { [K in keyof T]: T[K] extends string ? string : Loose<T[K]> };
export type Texts = Loose<typeof en>;
