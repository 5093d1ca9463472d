/** The workflow to copy: YAML that parses, commands and flags that exist, and no more permissions than it needs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { COMMENT_MARK } from '../../report/gate/gate-comment.ts';
import { gateCommand } from '../commands/compare/gate-command.ts';
import { checkWords } from '../options/check-words.ts';
import { declaredCommand } from '../options/declared-command.ts';
import { findText, GATES } from '../options/shipped-files.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FILE = join(ROOT, 'docs/github-workflow.yml');

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: unknown;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const text = readFileSync(FILE, 'utf8');
const workflow = parse(text) as Workflow; // its keys are checked below
const stepsOf = (job: string): readonly Step[] => workflow.jobs[job]?.steps ?? [];
const scriptOf = (job: string, name: string): string => {
  const script = stepsOf(job).find((step) => step.name === name)?.run;
  assert.ok(script !== undefined, name);
  return script;
};

/** What `npx trunkline` is given, with a word for each expression of the shell. */
function wordsOf(script: string): string[] {
  const [, command = ''] = script.replace(/"\$\([^)]*\)"/g, 'REVISION').split(/npx (?:--no -- )?trunkline /);
  return command.trim().split(/\s+/);
}

/** Runs the script of the comment with a made `gh`. @returns the calls of it. */
function comment(script: string, existing: string | null, body: string | null): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
  try {
    const log = join(folder, 'calls');
    const gh = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\ncase "$*" in *--paginate*) printf '%s' '${existing ?? ''}';; esac\n`;
    writeFileSync(join(folder, 'gh'), gh, { mode: 0o755 });
    if (body !== null) {
      spawnSync('mkdir', ['gate'], { cwd: folder });
      writeFileSync(join(folder, 'gate/comment.md'), body);
    }
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, REPOSITORY: 'a/b', NUMBER: '7', GH_TOKEN: 'none' };
    const { status, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the workflow to copy', () => {
  it('is the one that checks this repository', () => {
    assert.equal(readFileSync(join(ROOT, '.github/workflows/trunkline-gate.yml'), 'utf8'), text);
  });

  it('lets the code of a pull request read only, and only the job that comments write', () => {
    assert.deepEqual(workflow.on, { pull_request: null });
    assert.deepEqual(workflow.permissions, { contents: 'read' });
    assert.equal(workflow.jobs['gate']?.permissions, undefined);
    assert.deepEqual(workflow.jobs['comment']?.permissions, { 'pull-requests': 'write' });
    const uses = stepsOf('comment').flatMap(({ uses: action }) => action ?? []);
    assert.deepEqual(uses, ['actions/download-artifact@v4'], 'it checks out nothing');
    for (const [, script] of text.matchAll(/run: ([^\n]*)/g)) assert.doesNotMatch(script ?? '', /\$\{\{/);
    for (const job of ['gate', 'comment']) {
      for (const { run } of stepsOf(job))
        assert.doesNotMatch(run ?? '', /\$\{\{/, 'expressions are passed as variables');
    }
  });

  it('calls a command with flags that exist, for rules and a scenario that exist', () => {
    const [name, ...words] = wordsOf(scriptOf('gate', 'Gate'));
    assert.equal(name, 'gate');
    const [rules = '', scenario = ''] = words;
    checkWords('gate', declaredCommand(gateCommand()), words, {});
    assert.throws(
      () => checkWords('gate', declaredCommand(gateCommand()), [...words, '--commment', 'x'], {}),
      /commment/,
    );
    assert.ok(findText(GATES, rules).text.length > 0);
    assert.ok(existsSync(join(ROOT, 'scenarios', `${scenario}.yaml`)));
    const scripts = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }).scripts;
    assert.ok('build' in scripts && scriptOf('gate', 'Build').startsWith('npm run build'));
    for (const line of text.matchAll(/^# {3}npx trunkline gate (\S+ \S+ .*?) {2,}/gm))
      checkWords('gate', declaredCommand(gateCommand()), (line[1] ?? '').split(' '), {});
  });

  it('keeps every file that it has written', () => {
    const words = wordsOf(scriptOf('gate', 'Gate'));
    const kept = String(
      stepsOf('gate').find(({ uses }) => uses?.startsWith('actions/upload-artifact'))?.with?.['path'],
    );
    for (const flag of ['--comment', '--junit', '--trend', '--trend-more', '--out']) {
      const file = words[words.indexOf(flag) + 1] ?? '';
      assert.ok(
        kept.split('\n').some((path) => path.replace(/\/$/, '') === file),
        `${flag} ${file}`,
      );
    }
    assert.equal(dirname('gate/comment.md'), stepsOf('comment')[0]?.with?.['path']);
  });

  it('updates its comment if there is one, writes one if there is none, and nothing without an outcome', () => {
    const script = scriptOf('comment', 'Comment');
    assert.ok(script.includes(`startswith("${COMMENT_MARK}")`), 'it looks for the mark that comments have');
    const [looked, wrote] = comment(script, null, COMMENT_MARK);
    assert.match(looked ?? '', /^api --paginate repos\/a\/b\/issues\/7\/comments /);
    assert.equal(wrote, 'api --silent --method POST repos/a/b/issues/7/comments --field body=@gate/comment.md');
    const updated = comment(script, '41\n42', COMMENT_MARK);
    assert.equal(updated[1], 'api --silent --method PATCH repos/a/b/issues/comments/41 --field body=@gate/comment.md');
    assert.equal(updated.length, 2);
    assert.deepEqual(comment(script, null, null), []);
  });
});
