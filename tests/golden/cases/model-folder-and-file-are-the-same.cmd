. "$CASES/../lib.sh"
small_model m.lgd
small_model folder/
ls folder
cmp m.lgd folder/model.lgd
