export const gate = {
  signIn: {
    title: '登录',
    name: '名称',
    password: '密码',
    submit: '登录',
    busy: '正在登录…',
    hint: '账户由管理员在“设置”中创建。',
    forgotten: '忘记密码？管理员可在“设置 → 账户”中重设。',
    wrong: '名称或密码错误，或账户被暂时锁定。',
  },
  welcome: {
    title: '欢迎',
    lead: '创建此中枢的第一位管理员。',
    code: '一次性代码',
    codeHint: '中枢首次启动时已将其写入日志。',
    repeat: '再次输入密码',
    passwordHint: '至少 12 个字符。',
    differ: '两次输入的密码不同。',
    submit: '创建管理员',
    busy: '正在创建…',
  },
};
