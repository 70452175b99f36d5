export const work = {
  work: {
    workload: '工作负载', place: '运行于', rate: '推理', late: '超时', p99: 'p99 / 期限', picture: '边缘与中枢', edge: '设备', moves: '最近迁移',
    noMoves: '尚未发生迁移', noMovesHint: '当限制、价格或故障需要时，计划会迁移工作。', busiest: '{{all}} 个中最忙的 {{shown}} 个',
    all: '全部工作负载', search: '按设备、工作负载、模型筛选', anyPlace: '任意位置', none: '这里没有工作负载', noneHint: '移除筛选，或在代理配置中添加工作负载。',
    why: '原因', model: '模型', plan: '计划', cost: '费用', bound: '任何计划都不低于 {{bound}}', gap: '与最优相差至多', gapHint: '由求解器证明',
    pins: '固定', drained: '{{count}} 台已排空', deadline: '期限', localP99: '设备 p99', hubP99: '中枢 p99', preparing: '准备中', since: '自', reason: '理由',
    binds: '约束因素', waiting: '等待中的迁移', options: '所有可运行的位置', noOptions: '规划器尚无其数据', node: '节点', recipe: '方式', limit: '限制',
    free: '可行', pinned: '已固定到 {{node}}', pin: '固定…', unpin: '取消固定', unpinned: '重新由规划器决定', pinTitle: '固定 {{workload}}',
    pinHint: '无论计划如何选择，在取消固定前都在此运行。', anyRecipe: '由规划器决定',
  },
  alarms: {
    title: '告警', severity: '级别', time: '时间', rule: '规则', message: '消息', value: '值', state: '状态', open: '打开', active: '活动', cleared: '已解除',
    all: '全部', anySeverity: '任意级别', search: '按设备、规则、消息筛选', shown: '显示 {{count}} 条', none: '没有匹配的告警', noneHint: '告警来自设备上的规则。',
    acknowledge: '确认', acknowledged: '已确认', acknowledgedBy: '由 {{who}} 确认，{{when}}', comment: '备注', comments: '备注', assignee: '指派给',
    unacknowledged: '未确认', done: '已确认：{{device}} 上的 {{rule}}', acknowledgeShown: '确认所有显示项',
  },
  models: {
    none: '还没有模型在运行', noneHint: '模型由工作负载指定；请将模型包放入中枢和设备的模型文件夹。', onHub: '在中枢', onDevices: '在设备',
    where: '服务于', provider: '运行方式', when: '按计划需要', metrics: '指标', size: '大小', versions: '版本',
  },
  jobs: {
    new: '新建任务…', none: '还没有长任务', noneHint: '任务用另一个模型对通道的历史重新评分，与设备对中枢的请求并行。', cancel: '取消',
    progress: '{{done}} / {{total}}', results: '{{count}} 个结果', took: '耗时 {{time}}', findings: '{{windows}} 个窗口中 {{above}} 个高于阈值，最高得分 {{max}}',
    submit: '提交', newHint: '将一个通道的历史逐窗口交给模型。', priority: '优先级，1 最紧急',
    kinds: { rescore: '重新评分', model: '数据行送入模型' },
    states: { waiting: '等待', running: '运行中', done: '完成', failed: '失败', cancelled: '已取消', expired: '已过期' },
    sources: { any: '任何可用的', readings: '读数', raw: '原始窗口' },
  },
  usage: {
    by: '汇总方式', span: '时间', per: { device: '设备', site: '站点', workload: '工作负载', model: '模型', node: '节点' }, days: { d1: '最近一天', d7: '最近一周', d30: '最近一月' },
    cost: '费用', core: '核心时间', accelerator: '另有加速器 {{time}}', bytes: '传输量', energy: '能耗', other: '（其他）', none: '此时段没有计量',
    noneHint: '请选择更长的时间；设备每分钟计量一次其计算与发送。', sources: { measured: '实测', estimated: '估算', mixed: '部分实测', none: '未计量' },
  },
  audit: {
    verify: '验证链条', sound: '完好：{{entries}} 条，最后一条为 {{hash}}…', broken: '第 {{at}} 条与写入时不符：{{fault}}', search: '按人员、操作、对象筛选',
    actor: '人员', kind: '登录方式', action: '操作', target: '对象', outcome: '结果', change: '变更', none: '没有匹配的条目', noneHint: '任何人请求的每项变更都记录在此。',
    outcomes: { done: '完成', refused: '拒绝', failed: '失败' },
  },
  settings: {
    looks: '外观', own: '我的账户', tokens: '访问令牌', accounts: '账户', kept: '保存在此浏览器中。', me: '登录身份', role: '角色', sites: '站点', allSites: '全部站点',
    password: '密码', current: '当前密码', new: '新密码', change: '修改密码', passwordChanged: '密码已修改；其他会话均已结束',
    sessions: '我的登录', thisOne: '本次', end: '结束', newToken: '新建令牌', noTokens: '没有访问令牌', noTokensHint: '脚本和命令行用令牌登录。',
    tokenMade: '请立即复制令牌“{{name}}”：之后不再显示。', tokenFor: '用途', scopes: '权限', scope: { read: '读取', change: '更改', infer: '调用模型', metrics: '读取指标' },
    days: '有效天数', account: '账户', expires: '到期', used: '最近使用', newAccount: '新建账户', lastSignIn: '最近登录', you: '您', locked: '锁定至 {{time}}',
    rights: '角色与站点', setPassword: '设置密码', setPasswordHint: '其所有会话及锁定都将结束。', removeSure: '其会话和令牌立即失效。审计日志保留其所做的一切。',
    sitesHint: '用逗号分隔；留空表示全部。管理员拥有全部。',
  },
};
