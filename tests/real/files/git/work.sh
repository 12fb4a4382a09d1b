# A repository's life. $git holds the words that start git.
export GIT_CONFIG_GLOBAL="$PWD/gitconfig"
mkdir repository && cd repository || exit 1
$git init -q -b main && $git config core.compression 6
seq 1 500 > numbers; mkdir deep; echo text > deep/file; ln -s numbers link
$git add . && $git commit -q -m 'first commit' && $git status
seq 1 2 500 >> numbers; $git mv deep/file deep/moved; $git diff --stat; $git commit -q -a -m 'second commit'
$git checkout -q -b side HEAD~1; sed -i 's/^3$/three/' numbers; $git commit -q -a -m 'third commit'
$git log --oneline --graph --all; $git checkout -q main; $git merge -q -m merged side; $git log --format='%H %an %ad %s' --date=iso
$git tag -a -m 'a tag' v1; $git describe --always; $git blame -s numbers | sed -n 1,5p; $git show --stat --format=%B HEAD^2
$git grep -n '^49' -- numbers | tail -2; echo more > untracked; $git stash -q -u; $git stash list; $git stash pop -q; $git clean -fdq
for i in 1 2 3 4 5 6 7 8; do seq $i 3000 > big$i; done; $git add -A; $git commit -q -m 'big files'
$git gc -q --aggressive --prune=now; $git count-objects; $git fsck --full --strict 2>&1; $git verify-pack -s .git/objects/pack/*.idx | head -3
$git archive --format=tar HEAD deep | tar -t; $git bundle create -q ../all.bundle --all; $git format-patch -q -o ../patches HEAD~1
cd ..
$git clone -q repository clone 2>&1; $git clone -q --depth 1 "file://$PWD/repository" shallow 2>&1
[ "$($git -C clone rev-parse HEAD^{tree})" = "$($git -C repository rev-parse HEAD^{tree})" ] && echo 'same tree'
$git -C clone log -1 --format=%s; $git -C shallow log --format=%s; echo change >> clone/numbers; $git -C clone diff --word-diff=porcelain | tail -4
$git -C clone checkout -q .; $git -C clone rebase -q HEAD~1 2>&1; $git -C clone bisect start -q HEAD HEAD~1 2>&1; rm -rf shallow
$git -C nowhere status
