import type { Texts } from '../en';
import { alarms } from './alarms';
import { common } from './common';
import { device } from './device';
import { fleet } from './fleet';
import { gate } from './gate';
import { govern } from './govern';
import { jobs } from './jobs';
import { keys } from './keys';
import { logs } from './logs';
import { models } from './models';
import { overview } from './overview';
import { sites } from './sites';
import { work } from './work';

export const zh: Texts = {
  ...common,
  ...gate,
  ...overview,
  ...fleet,
  ...device,
  ...sites,
  ...work,
  ...alarms,
  ...keys,
  ...logs,
  ...models,
  ...jobs,
  ...govern,
};
