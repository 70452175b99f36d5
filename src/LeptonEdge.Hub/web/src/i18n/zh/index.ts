import type { Texts } from '../en';
import { common } from './common';
import { device } from './device';
import { work } from './work';

export const zh: Texts = { ...common, ...device, ...work };
