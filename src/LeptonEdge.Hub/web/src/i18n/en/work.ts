export const work = {
  work: {
    workload: 'Workload', place: 'Runs on', rate: 'Inferences', late: 'Late', p99: 'p99 / deadline', picture: 'Edge and hub', edge: 'Devices', moves: 'Latest moves',
    noMoves: 'Nothing has moved yet', noMovesHint: 'The plan moves work when limits, prices or failures ask for it.', busiest: 'The {{shown}} busiest of {{all}}',
    all: 'All workloads', search: 'Filter by device, workload, model', anyPlace: 'Any place', none: 'No workload here', noneHint: 'Remove a filter, or add workloads to an agent’s configuration.',
    why: 'Why', model: 'Model', plan: 'Plan', cost: 'Cost', bound: 'no plan costs less than {{bound}}', gap: 'From the best, at most', gapHint: 'proven by the solver',
    pins: 'Pins', drained: '{{count}} drained', deadline: 'Deadline', localP99: 'Device p99', hubP99: 'Hub p99', preparing: 'being prepared', since: 'Since', reason: 'Reason',
    binds: 'What binds it', waiting: 'Waiting move', options: 'Every place it could run', noOptions: 'The planner has no figures for it yet', node: 'Node', recipe: 'Way', limit: 'Limit',
    free: 'possible', pinned: 'Pinned to {{node}}', pin: 'Pin…', unpin: 'Unpin', unpinned: 'The planner decides again', pinTitle: 'Pin {{workload}}',
    pinHint: 'It runs there until you unpin it, whatever the plan would choose.', anyRecipe: 'Left to the planner',
  },
  alarms: {
    title: 'Alarms', severity: 'Severity', time: 'Time', rule: 'Rule', message: 'Message', value: 'Value', state: 'State', open: 'Open', active: 'Active', cleared: 'Cleared',
    all: 'All', anySeverity: 'Any severity', search: 'Filter by device, rule, message', shown: '{{count}} shown', none: 'No alarm matches', noneHint: 'Alarms come from rules on the devices.',
    acknowledge: 'Acknowledge', acknowledged: 'Acknowledged', acknowledgedBy: 'Acknowledged by {{who}}, {{when}}', comment: 'Comment', comments: 'Comments', assignee: 'Assigned to',
    unacknowledged: 'Not acknowledged', done: 'Acknowledged: {{rule}} on {{device}}', acknowledgeShown: 'Acknowledge all shown',
  },
  models: {
    none: 'No model runs yet', noneHint: 'Models are named by workloads; put bundles into the models folders of hub and devices.', onHub: 'on the hub', onDevices: 'on devices',
    where: 'Serves', provider: 'Runs with', when: 'when the plan asks', metrics: 'Metrics', size: 'Size', versions: 'Versions',
  },
  jobs: {
    new: 'New job…', none: 'No long job yet', noneHint: 'A job scores a channel’s stored history again with another model, beside what devices ask of the hub.', cancel: 'Cancel',
    progress: '{{done}} of {{total}}', results: '{{count}} results', took: 'took {{time}}', findings: '{{above}} of {{windows}} windows above the threshold, highest score {{max}}',
    submit: 'Submit', newHint: 'Gives the stored history of one channel to a model, window by window.', priority: 'Priority, 1 is the most urgent',
    kinds: { rescore: 'Rescore', model: 'Rows to a model' },
    states: { waiting: 'Waiting', running: 'Running', done: 'Done', failed: 'Failed', cancelled: 'Cancelled', expired: 'Too late' },
    sources: { any: 'Whichever there is', readings: 'Readings', raw: 'Raw windows' },
  },
  usage: {
    by: 'Summed by', span: 'Time', per: { device: 'Device', site: 'Site', workload: 'Workload', model: 'Model', node: 'Node' }, days: { d1: 'Last day', d7: 'Last week', d30: 'Last month' },
    cost: 'Cost', core: 'Core time', accelerator: 'and {{time}} of accelerator', bytes: 'Moved', energy: 'Energy', other: '(other)', none: 'Nothing was metered in this time',
    noneHint: 'Choose a longer time; devices meter what they compute and send once a minute.', sources: { measured: 'measured', estimated: 'estimated', mixed: 'partly measured', none: 'not metered' },
  },
  audit: {
    verify: 'Verify the chain', sound: 'Sound: {{entries}} entries, the last one is {{hash}}…', broken: 'Entry {{at}} is not as it was written: {{fault}}', search: 'Filter by who, action, target',
    actor: 'Who', kind: 'Signed in by', action: 'Action', target: 'Target', outcome: 'Outcome', change: 'Change', none: 'No entry matches', noneHint: 'Every change that somebody asks for is written here.',
    outcomes: { done: 'Done', refused: 'Refused', failed: 'Failed' },
  },
  settings: {
    looks: 'Appearance', own: 'My account', tokens: 'Access tokens', accounts: 'Accounts', kept: 'Kept in this browser.', me: 'Signed in as', role: 'Role', sites: 'Sites', allSites: 'All sites',
    password: 'Password', current: 'Present password', new: 'New password', change: 'Change password', passwordChanged: 'The password is changed; every other session has ended',
    sessions: 'Where I am signed in', thisOne: 'this one', end: 'End', newToken: 'New token', noTokens: 'No access tokens', noTokensHint: 'Scripts and the command line sign in with them.',
    tokenMade: 'Copy the token “{{name}}” now: it is not shown again.', tokenFor: 'What it is for', scopes: 'May', scope: { read: 'Read', change: 'Change', infer: 'Ask models', metrics: 'Read metrics' },
    days: 'Good for so many days', account: 'Account', expires: 'Expires', used: 'Last used', newAccount: 'New account', lastSignIn: 'Last sign-in', you: 'you', locked: 'locked until {{time}}',
    rights: 'Role and sites', setPassword: 'Set password', setPasswordHint: 'All its sessions end, and a lock.', removeSure: 'Its sessions and tokens end at once. The audit log keeps what it did.',
    sitesHint: 'Separated by commas; empty for all. An administrator has all.',
  },
};
