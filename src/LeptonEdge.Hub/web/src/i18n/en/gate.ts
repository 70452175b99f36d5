export const gate = {
  signIn: {
    title: 'Sign in',
    name: 'Name',
    password: 'Password',
    submit: 'Sign in',
    busy: 'Signing in…',
    hint: 'Accounts are made by an administrator under Settings.',
    forgotten: 'Forgotten? An administrator can set a new password under Settings → Accounts.',
    wrong: 'Name or password is wrong, or the account is locked for a while.',
  },
  welcome: {
    title: 'Welcome',
    lead: 'Make the first administrator of this hub.',
    code: 'One-time code',
    codeHint: 'The hub printed it at its first start, in its log.',
    repeat: 'Password again',
    passwordHint: 'At least 12 characters.',
    differ: 'The two passwords differ.',
    submit: 'Make administrator',
    busy: 'Making…',
  },
};
