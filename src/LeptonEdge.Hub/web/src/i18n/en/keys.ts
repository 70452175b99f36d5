export const keys = {
  keys: {
    title: 'Keyboard',
    palette: 'Go to anything, do anything',
    map: 'This list',
    search: 'Filter the list of this page',
    next: 'Next field or link; with Shift the one before',
    open: 'Open or press what has the focus',
    close: 'Close a dialog or menu',
    arrows: 'Within menus, maps and floor plans',
    single: 'Keys without Ctrl: g, / and ?',
    singleHint: 'Turn them off where they are pressed by mistake, as by speech input.',
    off: 'Keys without Ctrl are turned off, under Settings.',
  },
  palette: {
    title: 'Go to',
    label: 'Page, device, site, workload or action',
    found: 'What was found',
    none: 'Nothing has such a name. Try a part of it.',
    groups: {
      pages: 'Pages',
      actions: 'Actions',
      devices: 'Devices',
      sites: 'Sites',
      workloads: 'Workloads',
      alarms: 'Active alarms',
    },
  },
};
