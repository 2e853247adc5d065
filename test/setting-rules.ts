import { isProduct, packageOf, type SourceFile } from './source-tree.ts';

/** A setting by its place in the configuration. */
export interface SettingPlace {
  readonly section: string;
  readonly name: string;
}

/** Packages that are not what users configure. */
const NOT_SHIPPED = new Set(['kit', 'testing', 'bench', 'examples']);

/** Settings that no product file takes out of the configuration: users would set them without effect. */
export function unreadSettings(
  settings: readonly SettingPlace[],
  tree: readonly SourceFile[],
): readonly string[] {
  const files = tree.filter(({ path }) => isProduct(path) && !NOT_SHIPPED.has(packageOf(path)));
  const texts = files.map(({ text }) => text);
  return settings
    .filter((setting) => !texts.some((text) => takes(text, setting)) && !isHandedOn(texts, setting))
    .map(({ section, name }) => `${section}.${name}`);
}

/** `config.lock.driver`, or `const { driver } = config.lock`. */
function takes(text: string, { section, name }: SettingPlace): boolean {
  const member = new RegExp(`\\b${section}\\.${name}\\b`);
  const pattern = new RegExp(`\\{[^{}]*\\b${name}\\b[^{}]*\\} = [\\w.]*\\b${section};`);
  return member.test(text) || pattern.test(text);
}

/** `retention: config.retention`: whoever gets the section takes the setting by its name. */
function isHandedOn(texts: readonly string[], { section, name }: SettingPlace): boolean {
  const whole = new RegExp(`: config\\.${section}\\b(?!\\.)`);
  const word = new RegExp(`\\b${name}\\b`);
  return texts.some((text) => whole.test(text)) && texts.some((text) => word.test(text));
}
